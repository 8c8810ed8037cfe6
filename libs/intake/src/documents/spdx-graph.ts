import { isObject, listOf, textAt, type Json } from '../json.ts';
import type { SpdxDocument, SpdxPackage } from './spdx-model.ts';
import type { StatedHash } from './stated-hashes.ts';

/** The one context that documents of SPDX 3 have; with another one, the same names may mean anything. */
const contextPattern = /^https:\/\/spdx\.org\/rdf\/(\d{1,3}\.\d{1,3})(?:\.\d{1,3})?\/spdx-context\.jsonld$/;

/** Whether JSON is a document of SPDX 3, of a version that is read or of another one. */
export function isSpdxGraph(json: Json): boolean {
  return contextPattern.test(contextOf(json)) && Array.isArray(json['@graph']);
}

function contextOf(json: Json): string {
  return textAt(json, '@context') ?? '';
}

/**
 * A document of SPDX 3 in JSON-LD, in the compact form that its serialisation prescribes.
 * @throws PermanentError `lockfile.invalid`.
 */
export function spdxOfGraph(json: Json): SpdxDocument {
  const elements = listOf('@graph', json['@graph']).filter(isObject);
  const ofType = (type: RegExp) => elements.filter((element) => type.test(textAt(element, 'type') ?? ''));
  return {
    version: contextPattern.exec(contextOf(json))?.[1] ?? '',
    tools: ofType(/^Tool$/).map((tool) => textAt(tool, 'name') ?? ''),
    packages: ofType(/^software_Package$/).map(packageOf),
    relationships: ofType(/Relationship$/).flatMap((relationship) => {
      const type = (textAt(relationship, 'relationshipType') ?? '').replaceAll(/[A-Z]/g, '_$&').toUpperCase();
      const from = textAt(relationship, 'from') ?? '';
      return listOf('to', relationship.to).flatMap((to) =>
        typeof to === 'string' ? readRelationship(from, type, to, textAt(relationship, 'scope')) : [],
      );
    }),
    describes: ofType(/^(?:software_Sbom|SpdxDocument)$/).flatMap(({ rootElement }) =>
      listOf('rootElement', rootElement).filter((id) => typeof id === 'string'),
    ),
  };
}

/** A dependency for development is one of the other direction in version 2. */
function readRelationship(from: string, type: string, to: string, scope: string | undefined) {
  if (type === 'DEPENDS_ON' && (scope === 'development' || scope === 'test' || scope === 'build'))
    return [{ from: to, type: 'DEV_DEPENDENCY_OF', to: from }];
  return [{ from, type, to }];
}

function packageOf(element: Json, index: number): SpdxPackage {
  const own = textAt(element, 'software_packageUrl');
  const others = listOf('externalIdentifier', element.externalIdentifier).flatMap((identifier) =>
    textAt(identifier, 'externalIdentifierType') === 'packageUrl'
      ? [textAt(identifier, 'identifier') ?? '']
      : [],
  );
  return {
    id: textAt(element, 'spdxId') ?? textAt(element, '@id') ?? `package ${index + 1}`,
    name: textAt(element, 'name'),
    version: textAt(element, 'software_packageVersion'),
    downloadLocation: textAt(element, 'software_downloadLocation'),
    checksums: listOf('verifiedUsing', element.verifiedUsing).flatMap(hashOf),
    purls: [...(own === undefined ? [] : [own]), ...others],
  };
}

/** Other methods, such as a verification code, are of the files in a package. */
function hashOf(method: unknown): StatedHash[] {
  if (textAt(method, 'type') !== 'Hash') return [];
  return [{ algorithm: textAt(method, 'algorithm') ?? '', value: textAt(method, 'hashValue') ?? '' }];
}
