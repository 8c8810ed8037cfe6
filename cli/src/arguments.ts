import { formatPurl, isCoded, parsePurl } from '@sluice/contracts';
import { InvalidArgumentError } from 'commander';

/** `lodash@4.17.21`, `@babel/core@7.0.0`: as npm, and the tables of `vet`, write a package version. */
const shorthand = /^((?:@[^@/\s]+\/)?[^@/:\s]+)@([^@/\s]+)$/;

/** A package version as people write it, a purl or its short form for npm, as a purl. */
export function packageVersion(text: string): string {
  const [, name, version] = shorthand.exec(text) ?? [];
  if (name && version) return formatPurl({ type: 'npm', name, version });
  try {
    return formatPurl(parsePurl(text));
  } catch (error) {
    if (!isCoded(error)) throw error;
    throw new InvalidArgumentError('Write it as pkg:npm/lodash@4.17.21 or lodash@4.17.21.');
  }
}

/** `2026-03-01`, or a time with its zone; a date is its beginning, in UTC. */
export function moment(text: string): string {
  const parsed = /^\d{4}-\d{2}-\d{2}(?:T.+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(parsed)) throw new InvalidArgumentError('Write it as 2026-03-01 or 2026-03-01T09:30:00Z.');
  return new Date(parsed).toISOString();
}
