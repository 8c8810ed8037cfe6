import { PermanentError, type Submission } from '@sluice/contracts';
import type { DocumentFormat, DocumentOptions } from '../format.ts';
import { isObject, jsonOf, objectOf } from '../json.ts';
import { textOf } from '../safe-yaml.ts';
import { shown } from '../shown.ts';
import { DocumentCollector } from './document-collector.ts';
import { isSpdxGraph, spdxOfGraph } from './spdx-graph.ts';
import { spdxOfJson } from './spdx-json.ts';
import type { SpdxDocument, SpdxPackage, SpdxRelationship } from './spdx-model.ts';
import { spdxOfTags } from './spdx-tags.ts';

const versions = ['2.2', '2.3', '3.0'];

/** The version stands among the first tags. */
const headMaxBytes = 8_192;

/** SPDX in JSON: 2.2 and 2.3, and the graph of 3.0. */
export const spdxJsonFormat: DocumentFormat = {
  id: 'spdx',
  fileName: /\.spdx3?\.json$/i,
  fits: ({ json }) => isObject(json) && (typeof json.spdxVersion === 'string' || isSpdxGraph(json)),
  parse(file, options) {
    const json = objectOf('the document', jsonOf(file));
    return parseSpdx(isSpdxGraph(json) ? spdxOfGraph(json) : spdxOfJson(json), options);
  },
};

/** SPDX 2.2 and 2.3 as tags with values. */
export const spdxTagsFormat: DocumentFormat = {
  id: 'spdx',
  fileName: /\.spdx$/i,
  fits: ({ content, json }) =>
    json === undefined && /^SPDXVersion:/m.test(textOf(content.subarray(0, headMaxBytes))),
  parse: ({ content }, options) => parseSpdx(spdxOfTags(content), options),
};

/** Relationships with which an element of another document is a part of this one. */
const partTypes =
  /^(?:CONTAINS|DEPENDS_ON|.*_DEPENDENCY_OF|DEPENDENCY_OF|CONTAINED_BY|STATIC_LINK|DYNAMIC_LINK)$/;
/** Relationships that say that the first element is only needed to make the second. */
const developmentTypes =
  /^(?:DEV_DEPENDENCY_OF|TEST_DEPENDENCY_OF|BUILD_DEPENDENCY_OF|DEV_TOOL_OF|TEST_TOOL_OF|BUILD_TOOL_OF)$/;
const otherDependencyTypes =
  /^(?:DEPENDENCY_OF|RUNTIME_DEPENDENCY_OF|PROVIDED_DEPENDENCY_OF|OPTIONAL_DEPENDENCY_OF)$/;

/**
 * Reads an SPDX document: its packages. Files and snippets are parts of them. The one package that the document describes is the
 * software itself; where it describes several, all of them are packages.
 * @throws PermanentError `lockfile.unknown-version`, `input.too-many-packages`.
 * Source: https://spdx.github.io/spdx-spec/v2.3/ and https://spdx.github.io/spdx-spec/v3.0.1/.
 */
function parseSpdx(document: SpdxDocument, options: DocumentOptions): Submission {
  const version = /^(?:SPDX-)?(\d+\.\d+)/.exec(document.version)?.[1] ?? document.version;
  if (!versions.includes(version))
    throw new PermanentError('lockfile.unknown-version', `SPDX ${shown(version)} is not supported.`);
  const collector = new DocumentCollector(options, document.tools);
  const { packages, relationships } = document;
  const described = packages.filter(({ id }) => document.describes.includes(id));
  const subject = described.length === 1 ? described[0]! : null;
  const flags = flagsOf(relationships, subject?.id ?? null);
  for (const found of packages) {
    const entry = {
      path: found.id,
      name: found.name,
      version: found.version,
      purls: found.purls,
      downloads: downloadsOf(found),
      hashes: found.checksums,
      dev: flags.dev.has(found.id),
      optional: flags.optional.has(found.id),
      direct: flags.direct.has(found.id),
    };
    if (found === subject) collector.addSubject(entry);
    else collector.add(entry);
  }
  for (const reference of foreignParts(relationships))
    collector.addMissing(reference, reference, 'It is described in another document, which is not read.');
  return collector.finish(`spdx@${version}`, subject?.name === undefined ? null : shown(subject.name));
}

function downloadsOf({ downloadLocation, checksums }: SpdxPackage) {
  const isStated = downloadLocation !== undefined && !/^(?:NONE|NOASSERTION)$/i.test(downloadLocation);
  return isStated ? [{ address: downloadLocation, hashes: checksums }] : [];
}

/** Packages that are only there for development, only optional, and those that the subject depends on. */
function flagsOf(relationships: readonly SpdxRelationship[], subject: string | null) {
  const of = (types: RegExp) =>
    new Set(relationships.filter(({ type }) => types.test(type)).map(({ from }) => from));
  const needed = new Set(relationships.filter(({ type }) => type === 'DEPENDS_ON').map(({ to }) => to));
  const only = (types: RegExp, others: RegExp) => {
    const other = of(others);
    return new Set([...of(types)].filter((id) => !other.has(id) && !needed.has(id)));
  };
  const direct = relationships.flatMap(({ from, type, to }) => {
    if (from === subject && type === 'DEPENDS_ON') return [to];
    return to === subject && type.endsWith('DEPENDENCY_OF') ? [from] : [];
  });
  return {
    dev: only(developmentTypes, otherDependencyTypes),
    optional: only(/^OPTIONAL_DEPENDENCY_OF$/, /^(?!OPTIONAL_).*DEPENDENCY_OF$/),
    direct: new Set(direct),
  };
}

/** Elements of other documents that are parts of this one, each once. */
function foreignParts(relationships: readonly SpdxRelationship[]): Set<string> {
  const parts = relationships
    .filter(({ type }) => partTypes.test(type))
    .flatMap(({ from, to }) => [from, to]);
  return new Set(parts.filter((id) => id.startsWith('DocumentRef-')));
}
