import { PermanentError } from '@sluice/contracts';
import { shown } from '../shown.ts';
import type { SpdxDocument, SpdxPackage } from './spdx-model.ts';
import { describedBy, toolIn } from './spdx-json.ts';

/** A tag with its value; the value of a `<text>` may have several lines. */
interface Tag {
  tag: string;
  value: string;
}

/** Tags that begin another section than that of a package. */
const otherSections = new Set([
  'FileName',
  'SnippetSPDXID',
  'SnippetSPDXIdentifier',
  'LicenseID',
  'Reviewer',
]);

/**
 * A document of SPDX 2 as tags with values.
 * @throws PermanentError `lockfile.invalid` for a line that is no tag, and for a text without an end.
 * Source: SPDX 2.3, "Tag-value format".
 */
export function spdxOfTags(content: Uint8Array): SpdxDocument {
  const document: SpdxDocument = { version: '', tools: [], packages: [], relationships: [], describes: [] };
  let found: SpdxPackage | null = null;
  let section: 'document' | 'package' | 'other' = 'document';
  for (const { tag, value } of readTags(decode(content))) {
    if (tag === 'PackageName') {
      section = 'package';
      const id = `package ${document.packages.length + 1}`;
      found = { id, name: value, version: undefined, downloadLocation: undefined, checksums: [], purls: [] };
      document.packages.push(found);
    } else if (otherSections.has(tag)) section = 'other';
    else if (tag === 'Relationship') document.relationships.push(relationshipOf(value));
    else if (tag === 'SPDXVersion') document.version = value;
    else if (tag === 'Creator') document.tools.push(...toolIn(value));
    else if (section === 'package' && found) addToPackage(found, tag, value);
  }
  document.describes = describedBy(document.relationships, 'SPDXRef-DOCUMENT');
  return document;
}

function decode(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new PermanentError('lockfile.invalid', 'The file is not UTF-8.', { cause });
  }
}

/** Lines as tags. Within `<text>` and `</text>` nothing is a tag. */
function* readTags(text: string): Generator<Tag> {
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (line === '' || line.startsWith('#')) continue;
    const [, tag, value] = /^([A-Za-z]+):\s*(.*)$/.exec(line) ?? [];
    if (tag === undefined || value === undefined)
      throw new PermanentError('lockfile.invalid', `"${shown(line)}" is no tag with a value.`);
    if (!value.startsWith('<text>') || value.includes('</text>')) {
      yield { tag, value: value.replace(/^<text>|<\/text>.*$/g, '').trim() };
      continue;
    }
    const close = text.indexOf('</text>', at);
    if (close === -1) throw new PermanentError('lockfile.invalid', `The text of ${shown(tag)} has no end.`);
    yield { tag, value: (value.slice('<text>'.length) + '\n' + text.slice(at, close)).trim() };
    const after = text.indexOf('\n', close);
    at = after === -1 ? text.length : after + 1;
  }
}

function addToPackage(found: SpdxPackage, tag: string, value: string): void {
  switch (tag) {
    case 'SPDXID':
      found.id = value;
      break;
    case 'PackageVersion':
      found.version = value === '' ? undefined : value;
      break;
    case 'PackageDownloadLocation':
      found.downloadLocation = value;
      break;
    case 'PackageChecksum': {
      const [, algorithm = '', hash = ''] = /^([^:]+):\s*(\S+)$/.exec(value) ?? [];
      found.checksums.push({ algorithm, value: hash });
      break;
    }
    case 'ExternalRef': {
      const [, type, locator] = value.split(/\s+/);
      if (type === 'purl') found.purls.push(locator ?? '');
      break;
    }
    default:
  }
}

function relationshipOf(value: string) {
  const [from = '', type = '', to = ''] = value.split(/\s+/);
  return { from, type, to };
}
