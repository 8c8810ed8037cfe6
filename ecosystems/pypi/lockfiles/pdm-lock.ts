import type { Submission } from '@sluice/contracts';
import { ItemCollector, type FormatOptions, type Json, type LockfileFormat } from '@sluice/intake';
import { addEntry, type PypiEntry } from './entry.ts';
import { markerPlatforms } from './markers.ts';
import { checkVersion, hasLines, nameIn, parseToml, tableIn, tablesOf, textIn, textsIn } from './toml.ts';

/** pdm.lock. */
export const pdmLockFormat: LockfileFormat = {
  id: 'pdm-lock',
  fileName: /^pdm\.lock$/,
  fits: ({ content, json }) =>
    json === undefined && hasLines(content, /^\[metadata\]\s*$/m, /^lock_version = "/m),
  parse: ({ content }, options) => parsePdmLock(parseToml(content), options),
};

/** A package with extras has an entry of its own beside the one without; both are the same files. */
function parsePdmLock(lock: Json, options: FormatOptions): Submission {
  const metadata = tableIn(lock, 'metadata') ?? {};
  const version = checkVersion('pdm.lock', metadata.lock_version, /^4(?:\.\d+){1,2}$/);
  const filesByVersion = tableIn(metadata, 'files') ?? {};
  const collector = new ItemCollector('pypi', options.itemsMax);
  for (const [at, raw] of tablesOf('package', lock.package).entries()) {
    const path = `package ${at + 1}`;
    const name = nameIn(raw, path);
    const stated = textIn(raw, 'version');
    const key = `${name} ${stated ?? ''}`;
    const files = tablesOf(
      'files',
      raw.files ?? (Object.hasOwn(filesByVersion, key) ? filesByVersion[key] : undefined),
    );
    const groups = textsIn(raw.groups);
    const elsewhere = placeOf(raw);
    addEntry(
      collector,
      {
        path: `${name} (${path})`,
        name,
        version: stated,
        hashes: files.map((file) => textIn(file, 'hash') ?? ''),
        fileUrls: files.flatMap((file) => textIn(file, 'url') ?? []),
        dev: groups.length > 0 && !groups.includes('default'),
        platforms: markerPlatforms(textIn(raw, 'marker') ?? null),
        ...(elsewhere ? { elsewhere } : {}),
      },
      options,
    );
  }
  return { format: `pdm-lock@${version}`, projectName: null, ...collector.finish() };
}

function placeOf(raw: Json): PypiEntry['elsewhere'] {
  if (['git', 'hg', 'svn', 'bzr'].some((field) => raw[field] !== undefined))
    return { code: 'source.git', message: 'It comes from a repository, not from an index.' };
  if (raw.path !== undefined || raw.editable === true)
    return { code: 'source.file', message: 'It comes from a file or folder beside the project.' };
  if (raw.url !== undefined)
    return { code: 'source.url', message: 'It comes from an address, not from an index.' };
  return undefined;
}
