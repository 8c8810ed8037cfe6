import { PermanentError, type Submission } from '@sluice/contracts';
import { isPackageLock, parsePackageLock } from './package-lock.ts';
import { describeUnknownFormat } from './recognise-format.ts';
import { parseSafeJson } from './safe-json.ts';

/** Package versions in one submission, at most. */
export const itemsMax = 20_000;

export interface IntakeOptions {
  /**
   * Addresses that packages may come from without a pin: the configured registry, and others that stand for it. Without
   * any, every address in a lockfile counts as a strange one.
   */
  registryUrls?: readonly string[];
  /** Registries of scopes, by `@scope`: packages of these come from there alone. */
  scopedRegistries?: ReadonlyMap<string, string>;
}

/**
 * Reads a submitted file, whichever of the known formats it has. A byte-order mark is skipped, as package managers do.
 * @throws PermanentError with an `input.*` or `lockfile.*` code that names the fault and the remedy.
 */
export function parseSubmission(bytes: Uint8Array, options: IntakeOptions = {}): Submission {
  const { registryUrls = [], scopedRegistries } = options;
  const registriesOf = (name: string) => {
    const scoped = scopedRegistries?.get(name.split('/')[0]!);
    return scoped === undefined ? registryUrls : [scoped];
  };
  const content = hasByteOrderMark(bytes) ? bytes.subarray(3) : bytes;
  let json: unknown;
  try {
    json = parseSafeJson(content);
  } catch (error) {
    const format = describeUnknownFormat(content, undefined);
    if (format === null) throw error;
    throw new PermanentError('lockfile.unknown-format', format, { cause: error });
  }
  if (isPackageLock(json)) return parsePackageLock(json, { itemsMax, registriesOf });
  throw new PermanentError(
    'lockfile.unknown-format',
    describeUnknownFormat(content, json) ?? 'The file is not a lockfile that Sluice reads.',
  );
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
