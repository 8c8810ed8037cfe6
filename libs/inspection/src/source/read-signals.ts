import { callSignals } from './call-signals.ts';
import type { Signal } from './signal.ts';
import type { SourceFile } from './source-file.ts';
import { scriptSignals, textSignals } from './text-signals.ts';

/** More of them in one file tell nothing new. */
const signalsMax = 2_000;

/** Everything that the rules combine, in order of position. Comments of parsed files do not count. */
export function readSignals(file: SourceFile): Signal[] {
  const signals: Signal[] = [];
  if (file.facts) {
    for (const call of file.facts.calls) signals.push(...callSignals(call));
    for (const { text, start } of file.facts.texts) signals.push(...textSignals(text, start));
    for (const read of file.facts.environment) {
      if (read.name === null)
        signals.push({ kind: 'env-sweep', start: read.start, detail: 'for … in process.env' });
      else if (isCredentialVariable(read.name)) {
        signals.push({ kind: 'credential-env', start: read.start, detail: read.name });
      }
    }
  } else {
    signals.push(...scriptSignals(file.text, file.language));
  }
  return signals.toSorted((a, b) => a.start - b.start).slice(0, signalsMax);
}

const credentialVariable =
  /^(?:NPM_TOKEN|NODE_AUTH_TOKEN|NPM_AUTH_TOKEN|GITHUB_TOKEN|GH_TOKEN|GITLAB_TOKEN|CI_JOB_TOKEN|AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS|GCP_[A-Z_]*KEY|DIGITALOCEAN_ACCESS_TOKEN|HEROKU_API_KEY|VERCEL_TOKEN|NETLIFY_AUTH_TOKEN|CLOUDFLARE_API_TOKEN|DOCKER_PASSWORD|DOCKERHUB_TOKEN|PYPI_TOKEN|TWINE_PASSWORD|SSH_PRIVATE_KEY|VAULT_TOKEN|STRIPE_SECRET_KEY|OPENAI_API_KEY|ANTHROPIC_API_KEY|DATABASE_URL|MNEMONIC|PRIVATE_KEY)$/;

function isCredentialVariable(name: string): boolean {
  return credentialVariable.test(name);
}
