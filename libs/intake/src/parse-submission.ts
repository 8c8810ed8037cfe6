import { PermanentError, type Submission } from '@sluice/contracts';
import { isPackageLock, parsePackageLock } from './package-lock.ts';
import { parseSafeJson } from './safe-json.ts';

/** Package versions in one submission, at most. */
export const itemsMax = 20_000;

/**
 * Reads a submitted file, whichever of the known formats it has.
 * @throws PermanentError with an `input.*` or `lockfile.*` code that says what is wrong and what to do.
 */
export function parseSubmission(bytes: Uint8Array): Submission {
  const json = parseSafeJson(bytes);
  if (isPackageLock(json)) return parsePackageLock(json, itemsMax);
  const hint = looksLikeManifest(json)
    ? ' It looks like a package.json: submit the package-lock.json beside it.'
    : '';
  throw new PermanentError('lockfile.unknown-format', `The file is not a lockfile that Sluice reads.${hint}`);
}

function looksLikeManifest(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'name' in json && 'version' in json;
}
