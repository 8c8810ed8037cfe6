import { QuickPattern } from '../source/quick-pattern.ts';
import type { FileRule, Hit } from './rule.ts';

/** Prefixes that the issuers gave their tokens so that they can be found. */
const tokens = (
  [
    ['npm access token', /\bnpm_[A-Za-z0-9]{36}\b/],
    ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})\b/],
    ['GitLab token', /\bglpat-[A-Za-z0-9_-]{20}\b/],
    ['AWS access key', /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/],
    ['Slack token', /\bxox[baprs]-\d{10,13}-[A-Za-z0-9-]{20,}\b/],
    ['Stripe key', /\b[sr]k_live_[A-Za-z0-9]{24,}\b/],
    ['Google API key', /\bAIza[A-Za-z0-9_-]{35}\b/],
    ['private key', /-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE KEY-----[\sA-Za-z0-9+/=\\n]{200,}/],
    ['registry credential', /:_(?:authToken|password)\s*=\s*["']?(?!\$\{)[A-Za-z0-9+/=_-]{20,}/],
  ] satisfies [string, RegExp][]
).map(([what, pattern]) => ({ what, pattern: new QuickPattern(pattern) }));
/** Bits per character below which a token is a placeholder such as `AKIAXXXXXXXXXXXXXXXX`. */
const entropyMinBits = 3.2;
const example = /EXAMPLE|example|XXXX|xxxx|0000|1234567|test/;

export const secrets: FileRule = {
  id: 'secrets.token',
  title: 'Contains a secret',
  severity: 'low',
  tier: 'note',
  why: 'A credential that was published is compromised. It endangers its owner, and tells how carefully the package is made.',
  *check(file): Iterable<Hit> {
    for (const { what, pattern } of tokens) {
      const match = pattern.exec(file.text);
      if (!match || example.test(match[0]) || entropyBits(match[0]) < entropyMinBits) continue;
      // The finding must not become a second leak.
      yield { start: match.index, title: `Contains a secret: ${what}`, excerpt: `${match[0].slice(0, 8)}…` };
    }
  },
};

/** Shannon entropy per character. */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
