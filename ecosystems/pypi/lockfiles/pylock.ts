import type { Submission } from '@sluice/contracts';
import { isObject, ItemCollector, type FormatOptions, type Json, type LockfileFormat } from '@sluice/intake';
import { addEntry, type PypiEntry } from './entry.ts';
import { markerPlatforms } from './markers.ts';
import { checkVersion, hasLines, nameIn, parseToml, tableIn, tablesOf, textIn } from './toml.ts';

/** pylock.toml. Source: PEP 751. */
export const pylockFormat: LockfileFormat = {
  id: 'pylock',
  fileName: /^pylock(?:\.[^.]+)?\.toml$/,
  fits: ({ content, json }) =>
    json === undefined && hasLines(content, /^lock-version = /m, /^created-by = /m),
  parse: ({ content }, options) => parsePylock(parseToml(content), options),
};

function parsePylock(lock: Json, options: FormatOptions): Submission {
  const version = checkVersion('pylock.toml', lock['lock-version'], /^1\.\d+$/);
  const collector = new ItemCollector('pypi', options.itemsMax);
  for (const [at, raw] of tablesOf('packages', lock.packages).entries()) {
    const path = `package ${at + 1}`;
    const name = nameIn(raw, path);
    const sdist = tableIn(raw, 'sdist');
    const files = [...(sdist ? [sdist] : []), ...tablesOf('wheels', raw.wheels)];
    const index = textIn(raw, 'index');
    const elsewhere = placeOf(raw, files);
    addEntry(
      collector,
      {
        path: `${name} (${path})`,
        name,
        version: textIn(raw, 'version'),
        hashes: files.flatMap(hashesOf),
        fileUrls: files.map((file) => textIn(file, 'url') ?? textIn(file, 'path') ?? ''),
        indexes: index === undefined ? [] : [index],
        platforms: markerPlatforms(textIn(raw, 'marker') ?? null),
        ...(elsewhere ? { elsewhere } : {}),
      },
      options,
    );
  }
  return { format: `pylock@${version}`, projectName: null, ...collector.finish() };
}

/** The strongest that the file states of itself; one of them is enough for an installer. */
function hashesOf(file: Json): string[] {
  const hashes = isObject(file.hashes) ? file.hashes : {};
  const [algorithm] = ['sha512', 'sha384', 'sha256'].filter((known) => typeof hashes[known] === 'string');
  const [first] = Object.entries(hashes);
  if (algorithm !== undefined) return [`${algorithm}:${String(hashes[algorithm])}`];
  return first ? [`${first[0]}:${String(first[1])}`] : [];
}

function placeOf(raw: Json, files: readonly Json[]): PypiEntry['elsewhere'] {
  if (raw.vcs !== undefined)
    return { code: 'source.git', message: 'It comes from a repository, not from an index.' };
  if (raw.directory !== undefined)
    return { code: 'source.file', message: 'It comes from a folder beside the project.' };
  if (raw.archive !== undefined)
    return { code: 'source.url', message: 'It comes from an archive, not from an index.' };
  if (files.some((file) => file.url === undefined && file.path !== undefined))
    return { code: 'source.file', message: 'One of its files lies beside the lockfile.' };
  return files.length === 0
    ? { code: 'source.missing', message: 'The lockfile names no file of it.' }
    : undefined;
}
