import { packageLock } from '@sluice/ecosystems/npm/fakes';
import { followCompletions } from './completions.ts';
import type { Contestant } from './contestant.ts';

/** The gateway's limit for one request. */
export const requestMaxPackages = 20_000;

/** A request of the size in which packages come when it does not matter. */
export const usualRequest = 500;
/** No contestant becomes faster after that. */
const warmMs = 20_000;

export type Lane = 'interactive' | 'bulk';

let names = 0;
/** Of the bytes that stages without work say they have. */
const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;

/** A lockfile of packages that were never requested, with the fields that npm writes of each. */
export function newLockfile(packages: number): string {
  return packageLock(
    3,
    Array.from({ length: packages }, () => {
      const name = `bench-${(names += 1)}`;
      const resolved = `https://registry.example/${name}/-/${name}-1.0.0.tgz`;
      return { name, version: '1.0.0', integrity, resolved };
    }),
  );
}

/** Submits a lockfile. @returns the request's id. */
export async function submit(
  { submitUrl }: Contestant,
  lockfile: string,
  lane: Lane = 'interactive',
): Promise<string> {
  const response = await fetch(`${submitUrl}?lane=${lane}&requester=bench`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: lockfile,
  });
  if (response.status !== 202)
    throw new Error(`${submitUrl} answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Submits new packages in lockfiles of `perRequest`, all at once. @returns packages per second until the last one ended. */
export async function throughput(
  contestant: Contestant,
  packages: number,
  perRequest: number,
  lane: Lane = 'interactive',
): Promise<number> {
  const count = Math.ceil(packages / perRequest);
  const lockfiles = Array.from({ length: count }, () => newLockfile(Math.min(perRequest, packages)));
  const completions = followCompletions(contestant, 10);
  try {
    const started = performance.now();
    const ids = await Promise.all(lockfiles.map((lockfile) => submit(contestant, lockfile, lane)));
    await Promise.all(ids.map((id) => completions.of(id)));
    return (count * Math.min(perRequest, packages) * 1_000) / (performance.now() - started);
  } finally {
    completions.stop();
  }
}

/**
 * Keeps a contestant at work until its code is compiled and its tables have grown, as those of a service that has run for
 * minutes, with as many packages at once as are measured afterwards; only once for a look.
 */
export async function warmUp(
  contestant: Contestant,
  packages: number,
  perRequest: number,
  quick: boolean,
): Promise<void> {
  const started = performance.now();
  do await throughput(contestant, packages, perRequest);
  while (!quick && performance.now() - started < warmMs);
}
