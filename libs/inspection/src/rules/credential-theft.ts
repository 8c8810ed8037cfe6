import { differentVariablesMin } from '../source/data-sources.ts';
import type { SignalKind } from '../source/signal.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { FileRule, Hit } from './rule.ts';

const drops: SignalKind[] = ['drop-webhook', 'drop-site', 'raw-address'];

export const credentialTheft: FileRule = {
  id: 'malware.credential-theft',
  title: 'Reads credentials and uses the network',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Stealers collect .npmrc, cloud keys, SSH keys, browser stores or the whole environment, and send them off from the same file. A library that needs one of these names it in one place and talks to a service in another. Look at what is read, and where the request goes.',
  needs: [
    ['secrets', 'network'],
    ['secrets', 'computed'],
    ['secrets', 'code'],
    ['network', 'machine'],
    ['network', 'credentials'],
    ['network', 'typing'],
    ['network', 'decoders'],
    ['programs'],
  ],
  *check(file: SourceFile): Iterable<Hit> {
    const theft =
      file.all('sends-secret')[0] ??
      file.chain(
        ['credential-file', 'env-sweep', 'metadata-address', 'input-capture'],
        ['network', 'dns-built'],
      );
    // Going through the environment for options of one's own is common; only where it is sent to a drop is it theft.
    const found = theft ?? collection(file) ?? file.chain(['env-search'], drops);
    if (!found) return;
    const isSent = file.chain([found.kind], drops) !== undefined;
    yield {
      start: found.start,
      title: `Reads credentials (${describe(found.kind, found.detail)}) and uses the network`,
      ...(isSent ? { tier: 'block', severity: 'critical' } : {}),
    };
  },
};

function collection(file: SourceFile) {
  const read = file.all('credential-env');
  const isCollection = new Set(read.map(({ detail }) => detail)).size >= differentVariablesMin;
  return isCollection ? file.chain(['credential-env'], ['network', 'dns-built']) : undefined;
}

function describe(kind: SignalKind, detail: string): string {
  if (kind === 'env-sweep' || kind === 'env-search') return 'the whole environment';
  if (kind === 'input-capture') return 'what is typed, shown or copied';
  return kind === 'metadata-address' ? 'cloud instance metadata' : detail.trim();
}
