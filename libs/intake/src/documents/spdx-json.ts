import { listOf, objectOf, textAt, type Json } from '../json.ts';
import type { SpdxDocument, SpdxPackage } from './spdx-model.ts';

/** A document of SPDX 2 in JSON. @throws PermanentError `lockfile.invalid`. */
export function spdxOfJson(json: Json): SpdxDocument {
  const relationships = listOf('relationships', json.relationships).map((relationship) => ({
    from: textAt(relationship, 'spdxElementId') ?? '',
    type: textAt(relationship, 'relationshipType') ?? '',
    to: textAt(relationship, 'relatedSpdxElement') ?? '',
  }));
  const creation = objectOf('creationInfo', json.creationInfo ?? {});
  return {
    version: textAt(json, 'spdxVersion') ?? '',
    tools: texts('creators', creation.creators).flatMap((creator) => toolIn(creator)),
    packages: listOf('packages', json.packages).map((found, index) => packageOf(found, `packages/${index}`)),
    relationships,
    describes: [
      ...texts('documentDescribes', json.documentDescribes),
      ...describedBy(relationships, textAt(json, 'SPDXID') ?? 'SPDXRef-DOCUMENT'),
    ],
  };
}

/** The tool of a creator, `Tool: acme/lister-1.0`; none for people. */
export function toolIn(creator: string): string[] {
  const [, tool] = /^Tool:\s*(.+)$/.exec(creator) ?? [];
  return tool === undefined ? [] : [tool];
}

/** Elements that a document says in relationships that it describes. */
export function describedBy(relationships: SpdxDocument['relationships'], document: string): string[] {
  return relationships.flatMap(({ from, type, to }) => {
    if (type === 'DESCRIBES' && from === document) return [to];
    return type === 'DESCRIBED_BY' && to === document ? [from] : [];
  });
}

function packageOf(raw: unknown, path: string): SpdxPackage {
  const found = objectOf(path, raw);
  return {
    id: textAt(found, 'SPDXID') ?? path,
    name: textAt(found, 'name'),
    version: textAt(found, 'versionInfo'),
    downloadLocation: textAt(found, 'downloadLocation'),
    checksums: listOf(`${path}/checksums`, found.checksums).map((checksum) => ({
      algorithm: textAt(checksum, 'algorithm') ?? '',
      value: textAt(checksum, 'checksumValue') ?? '',
    })),
    purls: listOf(`${path}/externalRefs`, found.externalRefs).flatMap((reference) =>
      textAt(reference, 'referenceType') === 'purl' ? [textAt(reference, 'referenceLocator') ?? ''] : [],
    ),
  };
}

function texts(field: string, value: unknown): string[] {
  return listOf(field, value).filter((text) => typeof text === 'string');
}
