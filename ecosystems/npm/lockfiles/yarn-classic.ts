import { createRequire } from 'node:module';
import { PermanentError, type Submission } from '@sluice/contracts';
import {
  isObject,
  ItemCollector,
  objectOf,
  readPin,
  textOf,
  type FormatOptions,
  type Json,
  type LockfileFormat,
} from '@sluice/intake';
import { placeAt, textIn } from './entry-fields.ts';
import { missingNames, splitAtVersion } from './yarn-names.ts';
import { checkSource, elsewhere, npmSource } from './source.ts';
import { readAlias } from './spec.ts';

// Marked as a translated module without a default export, which loaders import differently.
const lockfile = createRequire(import.meta.url)('@yarnpkg/lockfile') as typeof import('@yarnpkg/lockfile');

/** yarn.lock of Yarn 1. */
export const yarnClassicFormat: LockfileFormat = {
  id: 'yarn-lock',
  fileName: /^yarn\.lock$/,
  fits: ({ content, json }) => json === undefined && /^# yarn lockfile v\d+\s*$/m.test(textOf(content)),
  parse: ({ content }, options) => parseYarnClassic(textOf(content), options),
};

/**
 * Reads a yarn.lock of Yarn 1 with Yarn's own parser. Which dependencies are for development only, and which ones the
 * project itself asks for, stands in package.json alone.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.invalid`, `input.too-many-packages`.
 */
function parseYarnClassic(text: string, options: FormatOptions): Submission {
  const [, version] = /^# yarn lockfile v(\d+)\s*$/m.exec(text) ?? [];
  if (version === undefined)
    throw new PermanentError('lockfile.invalid', 'The file has no heading of a yarn.lock.');
  if (version !== '1') {
    throw new PermanentError(
      'lockfile.unknown-version',
      `A yarn.lock of version ${version} is not supported.`,
    );
  }
  const entries = parseText(text);
  const collector = new ItemCollector('npm', options.itemsMax);
  const known = new Set<string>();
  const needed = new Map<string, string>();
  // Several patterns of one entry share one object.
  for (const [pattern, raw] of Object.entries(entries)) {
    const entry = objectOf(pattern, raw);
    const { name, range } = splitAtVersion(pattern);
    known.add(name);
    const alias = readAlias(range);
    const listed = { name: alias?.name ?? name, version: textIn(entry, 'version') };
    const [resolved, hash] = (textIn(entry, 'resolved') ?? '').split('#');
    const integrity = textIn(entry, 'integrity') ?? integrityOf(hash);
    const source = resolved
      ? npmSource({ ...listed, resolved, integrity }, options.registriesOf)
      : elsewhere('source.version', 'It has no address: Yarn chooses a version anew.');
    checkSource(source, pattern);
    // A commit has as many digits as a SHA-1.
    const pinned = readPin(source.kind === 'registry' ? integrity : undefined, pattern);
    collector.add({ ...placeAt(pattern), pinned }, source, listed, null);
    for (const group of ['dependencies', 'optionalDependencies']) {
      for (const dependency of Object.keys(objectOf(group, entry[group] ?? {})))
        needed.set(dependency, pattern);
    }
  }
  missingNames(collector, known, needed);
  return { format: 'yarn-lock@1', projectName: null, ...collector.finish() };
}

function parseText(text: string): Json {
  let read: { type: string; object: unknown };
  try {
    read = lockfile.parse(text);
  } catch (cause) {
    const [detail] = (cause as Error).message.split('\n');
    throw new PermanentError('lockfile.invalid', `The file is no yarn.lock: ${detail}`, { cause });
  }
  if (read.type !== 'success') {
    throw new PermanentError(
      'lockfile.invalid',
      'The file has marks of a merge conflict. Run yarn install first.',
    );
  }
  return objectOf('the file', isObject(read.object) ? read.object : null);
}

/** A SHA-1 behind the address is all that older files have. */
function integrityOf(hash: string | undefined): string | undefined {
  return hash !== undefined && /^[0-9a-f]{40}$/i.test(hash)
    ? `sha1-${Buffer.from(hash, 'hex').toString('base64')}`
    : undefined;
}
