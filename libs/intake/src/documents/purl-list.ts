import { PermanentError } from '@sluice/contracts';
import type { DocumentFormat, SubmittedFile } from '../format.ts';
import { isObject, listOf, textAt } from '../json.ts';
import { shown } from '../shown.ts';
import { textOf } from '../safe-yaml.ts';
import { DocumentCollector, type DocumentEntry } from './document-collector.ts';

/**
 * A list of purls: one a line, with `#` comments; or JSON, `["pkg:…"]`, `[{"purl": "pkg:…"}]` or `{"purls": […]}`. A `checksum` in a
 * purl is a pin.
 */
export const purlListFormat: DocumentFormat = {
  id: 'purls',
  fileName: /^purls\.(?:txt|json)$|\.purls?$/i,
  fits: ({ content, json }) => (json === undefined ? isText(content) : isPurlJson(json)),
  parse(file, options) {
    const collector = new DocumentCollector(options);
    for (const entry of readEntries(file)) collector.add(entry);
    return collector.finish('purls@1', null);
  },
};

/** Blank lines and comments, then a purl. */
const beginning = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*pkg:/i;
/** Comments that may stand before the first purl; a lockfile of another kind is not searched to its end. */
const beginningMaxBytes = 16_384;

function isText(content: Uint8Array): boolean {
  return beginning.test(textOf(content.subarray(0, beginningMaxBytes)));
}

function isPurlJson(json: unknown): boolean {
  if (isObject(json)) return Object.hasOwn(json, 'purls');
  const [first] = Array.isArray(json) ? (json as unknown[]) : [];
  return (purlIn(first) ?? '').startsWith('pkg:');
}

function purlIn(entry: unknown): string | undefined {
  return typeof entry === 'string' ? entry : textAt(entry, 'purl');
}

function readEntries(file: SubmittedFile): DocumentEntry[] {
  const { json } = file;
  // A line such as `1` or `"a"` is JSON as well, and no list.
  if (!isObject(json) && !Array.isArray(json)) return readLines(textOf(file.content));
  if (isObject(json) && !isPurlJson(json))
    throw new PermanentError('lockfile.invalid', 'The object has no list "purls".');
  return listOf('purls', isObject(json) ? json.purls : json).map((entry, index) => {
    const purl = purlIn(entry);
    if (purl === undefined) throw noPurl(`entry ${index + 1}`, JSON.stringify(entry) ?? '');
    return entryOf(`entry ${index + 1}`, purl);
  });
}

function readLines(text: string): DocumentEntry[] {
  return text.split('\n').flatMap((line, index) => {
    // A comment behind a purl begins after a blank: a `#` in a purl begins its subpath.
    const purl = line.replace(/(?:^|\s)#.*$/, '').trim();
    return purl === '' ? [] : [entryOf(`line ${index + 1}`, purl)];
  });
}

/** @throws PermanentError `purl.invalid`: people write these lists, and a slip is theirs to mend. */
function entryOf(path: string, purl: string): DocumentEntry {
  if (!/^pkg:/i.test(purl)) throw noPurl(path, purl);
  return { path, name: undefined, version: undefined, purls: [purl], direct: true };
}

function noPurl(path: string, text: string): PermanentError {
  return new PermanentError('purl.invalid', `${path}: "${shown(text)}" is no package URL.`);
}
