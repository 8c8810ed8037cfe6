import type { Submission } from '@sluice/contracts';
import {
  isObject,
  ItemCollector,
  type FormatOptions,
  type Json,
  type LockfileFormat,
  type SourceCode,
} from '@sluice/intake';
import { addEntry } from './entry.ts';
import { markerPlatforms } from './markers.ts';
import { checkVersion, hasLines, nameIn, parseToml, tableIn, tablesOf, textIn, textsIn } from './toml.ts';

/** poetry.lock. */
export const poetryLockFormat: LockfileFormat = {
  id: 'poetry-lock',
  fileName: /^poetry\.lock$/,
  fits: ({ content, json }) =>
    json === undefined && hasLines(content, /^\[metadata\]\s*$/m, /^lock-version = "/m, /^content-hash = "/m),
  parse: ({ content }, options) => parsePoetryLock(parseToml(content), options),
};

const foreignTypes: Record<string, { code: SourceCode; message: string }> = {
  git: { code: 'source.git', message: 'It comes from a git repository, not from an index.' },
  url: { code: 'source.url', message: 'It comes from an address, not from an index.' },
  file: { code: 'source.file', message: 'It comes from a file beside the project.' },
  directory: { code: 'source.file', message: 'It comes from a folder beside the project.' },
};

/** Versions 1 and 2 differ in where hashes and groups stand. Which packages the project itself asks for stands in its pyproject.toml. */
function parsePoetryLock(lock: Json, options: FormatOptions): Submission {
  const metadata = tableIn(lock, 'metadata') ?? {};
  const version = checkVersion('poetry.lock', metadata['lock-version'], /^(?:1\.[01]|2\.[01])$/);
  const filesByName = tableIn(metadata, 'files') ?? {};
  const collector = new ItemCollector('pypi', options.itemsMax);
  for (const [at, raw] of tablesOf('package', lock.package).entries()) {
    const path = `package ${at + 1}`;
    const name = nameIn(raw, path);
    const source = tableIn(raw, 'source');
    const type = source ? textIn(source, 'type') : undefined;
    const files = tablesOf(
      'files',
      raw.files ?? (Object.hasOwn(filesByName, name) ? filesByName[name] : undefined),
    );
    const foreign =
      type === undefined || type === 'legacy' ? undefined : (foreignTypes[type] ?? unknownSource);
    addEntry(
      collector,
      {
        path: `${name} (${path})`,
        name,
        version: textIn(raw, 'version'),
        hashes: files.map((file) => textIn(file, 'hash') ?? ''),
        indexes: source && type === 'legacy' ? [textIn(source, 'url') ?? ''] : [],
        dev: isDev(raw),
        optional: raw.optional === true,
        platforms: typeof raw.markers === 'string' ? markerPlatforms(raw.markers) : null,
        ...(foreign ? { elsewhere: foreign } : {}),
      },
      options,
    );
  }
  return { format: `poetry-lock@${version}`, projectName: null, ...collector.finish() };
}

const unknownSource = { code: 'source.unreadable' as const, message: 'It has a source of an unknown kind.' };

function isDev({ groups, category }: Json): boolean {
  if (Array.isArray(groups)) return groups.length > 0 && !textsIn(groups).includes('main');
  return category === 'dev' && !isObject(groups);
}
