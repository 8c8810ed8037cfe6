import { PermanentError, type Submission } from '@sluice/contracts';
import {
  isObject,
  ItemCollector,
  objectOf,
  type FormatOptions,
  type Json,
  type LockfileFormat,
} from '@sluice/intake';
import { pinnedVersion } from '../requirement.ts';
import { addEntry, type PypiEntry } from './entry.ts';
import { markerPlatforms } from './markers.ts';
import { checkVersion, tableIn, tablesOf, textIn, textsIn } from './toml.ts';

/** Pipfile.lock, of which every section but `_meta` is one of packages. */
export const pipfileLockFormat: LockfileFormat = {
  id: 'pipfile-lock',
  fileName: /^Pipfile\.lock$/,
  fits: ({ json }) => isObject(json) && isObject(json._meta) && Object.hasOwn(json._meta, 'pipfile-spec'),
  parse: ({ json }, options) => parsePipfileLock(objectOf('the file', json), options),
};

function parsePipfileLock({ _meta, ...sections }: Json, options: FormatOptions): Submission {
  const meta = objectOf('_meta', _meta);
  const version = checkVersion('Pipfile.lock', meta['pipfile-spec'], /^6$/);
  const sources = tablesOf('sources', meta.sources).map((source) => ({
    name: textIn(source, 'name'),
    url: textIn(source, 'url') ?? '',
  }));
  const collector = new ItemCollector('pypi', options.itemsMax);
  for (const [section, entries] of Object.entries(sections)) {
    for (const [name, raw] of Object.entries(objectOf(section, entries))) {
      const entry = objectOf(name, raw);
      const index = textIn(entry, 'index');
      const named = index === undefined ? sources : sources.filter((source) => source.name === index);
      if (index !== undefined && named.length === 0)
        throw new PermanentError('lockfile.invalid', 'An entry names an index that the file does not have.');
      const place = placeOf(entry);
      const stated = textIn(entry, 'version');
      addEntry(
        collector,
        {
          path: `${section}.${name}`,
          name,
          version:
            stated === undefined ? undefined : (pinnedVersion(stated.replaceAll(/\s+/g, '')) ?? stated),
          hashes: textsIn(entry.hashes),
          indexes: named.map(({ url }) => url),
          dev: section === 'develop',
          platforms: markerPlatforms(textIn(entry, 'markers') ?? null),
          ...(place ? { elsewhere: place } : {}),
        },
        options,
      );
    }
  }
  return { format: `pipfile-lock@${version}`, projectName: null, ...collector.finish() };
}

function placeOf(entry: Json): PypiEntry['elsewhere'] {
  if (['git', 'hg', 'svn', 'bzr'].some((field) => entry[field] !== undefined))
    return { code: 'source.git', message: 'It comes from a repository, not from an index.' };
  const file = entry.file ?? tableIn(entry, 'file');
  if (typeof file === 'string' && /^https?:\/\//i.test(file))
    return { code: 'source.url', message: 'It comes from an address, not from an index.' };
  if ((file !== undefined && file !== null) || entry.path !== undefined || entry.editable === true)
    return { code: 'source.file', message: 'It comes from a file or folder beside the project.' };
  return undefined;
}
