import {
  canonicalHost,
  formatPurl,
  isCoded,
  pipeline,
  platformSchema,
  stageNames,
  type StageName,
} from '@sluice/contracts';
import { canonicalPurl } from '@sluice/ecosystems/names';
import { isLoopbackHost } from '@sluice/runtime/allowed-hosts';
import { InvalidArgumentError } from 'commander';

/** `lodash@4.17.21`, `@babel/core@7.0.0`: as npm, and the tables of `vet`, write a package version. */
const shorthand = /^((?:@[^@/\s]+\/)?[^@/:\s]+)@([^@/\s]+)$/;

/** A package version as people write it, a purl or its short form for npm, as a purl. */
export function packageVersion(text: string): string {
  const [, name, version] = shorthand.exec(text) ?? [];
  if (name && version) return formatPurl({ type: 'npm', name, version });
  try {
    return canonicalPurl(text);
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

/** The id of a request, as `vet` and `status` print it. */
export function requestId(text: string): string {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text))
    throw new InvalidArgumentError(
      'Write it as 01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11; `status` lists the ids.',
    );
  return text.toLowerCase();
}

/** A platform to install on, added to those before it: `linux-x64`, `linux-x64-musl`, `current` or `all`. */
export function platforms(text: string, before: string[] = []): string[] {
  if (text !== 'current' && text !== 'all' && !platformSchema.safeParse(text).success)
    throw new InvalidArgumentError(
      'Write it as Node names it: linux-x64, linux-x64-musl, darwin-arm64, win32-x64; or current, or all.',
    );
  return [...before, text];
}

/** A whole number within bounds. */
export function wholeNumber(text: string, min: number, max: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
}

/** A count, or a number in a list. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

/** How long, in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('Write a number of seconds above 0.');
  return value;
}

/** `registry.example` or `registry.example:8443`. */
export function hostName(text: string): string {
  const host = canonicalHost(text);
  if (host === null) throw new InvalidArgumentError('Write it as registry.example or registry.example:8443.');
  return host;
}

/** A stage by its name, or by that of the service that runs it. */
export function stage(text: string): StageName {
  const found = pipeline.find((one) => one.stage === text || one.service === text);
  if (!found) throw new InvalidArgumentError(`The stages are ${stageNames.join(', ')}.`);
  return found.stage;
}

/** The address of a gateway that a person signs in at: over TLS, unless it is this machine. */
export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (isSafe) return text;
  throw new InvalidArgumentError('Write it as https://sluice.example; http is for this machine alone.');
}
