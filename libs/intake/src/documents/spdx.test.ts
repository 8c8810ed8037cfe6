import type { PermanentError } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument, told } from '../../test/document-cases.ts';

const sha256 = 'ab'.repeat(32);
const archive = 'https://registry.example/a/-/a-1.tgz';
const purlOf = (purl: string) => ({
  referenceCategory: 'PACKAGE-MANAGER',
  referenceType: 'purl',
  referenceLocator: purl,
});
const packageOf = (name: string, fields: object = {}) => ({
  SPDXID: `SPDXRef-${name}`,
  name,
  versionInfo: '1',
  downloadLocation: 'NOASSERTION',
  externalRefs: [purlOf(`pkg:toy/${name}@1`)],
  ...fields,
});
const document = (packages: unknown, fields: object = {}) => ({
  spdxVersion: 'SPDX-2.3',
  packages,
  ...fields,
});
const related = (...list: string[]) =>
  list.map((text) => {
    const [spdxElementId, relationshipType, relatedSpdxElement] = text.split(' ');
    return { spdxElementId, relationshipType, relatedSpdxElement };
  });
const codeOf = (content: string | object) => {
  try {
    return parseDocument(content).format;
  } catch (error) {
    return (error as PermanentError).code;
  }
};

const tags = `SPDXVersion: SPDX-2.2
Creator: Tool: other-1.0
## Package
PackageName: app
SPDXID: SPDXRef-app
PackageDownloadLocation: NONE
ExternalRef: PACKAGE-MANAGER purl pkg:toy/app@1

PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 1
PackageDownloadLocation: ${archive}
PackageChecksum: SHA256: ${sha256}
PackageVerificationCode: d6a770ba38583ed4bb4525bd96e50461655d2758 (excludes: x)
PackageComment: <text>Two lines.
PackageName: evil
ExternalRef: PACKAGE-MANAGER purl pkg:toy/evil@1
</text>
ExternalRef: PACKAGE_MANAGER purl pkg:toy/a@1
FileName: ./x
SPDXID: SPDXRef-file
PackageVersion: 9
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app
Relationship: SPDXRef-app DEPENDS_ON SPDXRef-a
`;

describe('an SPDX document', () => {
  it('as tags and in JSON has the same packages, and nothing of a text is a tag', () => {
    const inTags = parseDocument(tags);
    const json = document(
      [
        packageOf('app', { versionInfo: undefined, downloadLocation: 'NONE' }),
        packageOf('a', {
          downloadLocation: archive,
          checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
        }),
      ],
      {
        spdxVersion: 'SPDX-2.2',
        SPDXID: 'SPDXRef-DOCUMENT',
        relationships: related('SPDXRef-DOCUMENT DESCRIBES SPDXRef-app', 'SPDXRef-app DEPENDS_ON SPDXRef-a'),
      },
    );
    expect(inTags).toEqual(parseDocument(json));
    expect(inTags).toMatchObject({ format: 'spdx@2.2', projectName: 'app' });
    expect(told(tags)).toEqual(['app source.workspace', 'pkg:toy/a@1 sha256']);
    expect(inTags.items[1]).toMatchObject({ direct: true, paths: ['SPDXRef-a'] });
  });

  it('of version 3 is a graph', () => {
    const graph = {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        { type: 'SpdxDocument', rootElement: ['urn:sbom'] },
        { type: 'software_Sbom', spdxId: 'urn:sbom', rootElement: ['urn:app'] },
        { type: 'software_Package', spdxId: 'urn:app', name: 'app' },
        {
          type: 'software_Package',
          spdxId: 'urn:a',
          name: 'a',
          software_packageVersion: '1',
          software_packageUrl: 'pkg:toy/a@1',
          software_downloadLocation: archive,
          externalIdentifier: [{ externalIdentifierType: 'packageUrl', identifier: 'pkg:toy/a@1' }],
          verifiedUsing: [
            { type: 'Hash', algorithm: 'sha256', hashValue: sha256 },
            { type: 'PackageVerificationCode', algorithm: 'sha1', hashValue: 'cd'.repeat(20) },
          ],
        },
        { type: 'software_Package', spdxId: 'urn:b', name: 'b', software_packageUrl: 'pkg:toy/b@2' },
        { type: 'software_File', spdxId: 'urn:f', name: 'f' },
        { type: 'Relationship', from: 'urn:app', relationshipType: 'dependsOn', to: ['urn:a'] },
        {
          type: 'LifecycleScopedRelationship',
          from: 'urn:app',
          relationshipType: 'dependsOn',
          to: ['urn:b'],
          scope: 'development',
        },
      ],
    };
    expect(told(graph)).toEqual(['app source.workspace', 'pkg:toy/a@1 sha256', 'pkg:toy/b@2 dev']);
    expect(parseDocument(graph).items[1]).toMatchObject({ direct: true });
    expect(codeOf({ ...graph, '@context': 'https://spdx.org/rdf/3.1.0/spdx-context.jsonld' })).toBe(
      'lockfile.unknown-version',
    );
    expect(codeOf({ ...graph, '@context': 'https://evil.example/context.jsonld' })).toBe(
      'lockfile.unknown-format',
    );
  });

  it.each<[string, object, string]>([
    [
      'an archive with its hash',
      { downloadLocation: archive, checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] },
      'pkg:toy/a@1 sha256',
    ],
    [
      'a hash without the archive',
      { checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }] },
      'pkg:toy/a@1 integrity.unclear',
    ],
    [
      'a hash of an unknown kind',
      { downloadLocation: archive, checksums: [{ algorithm: 'MD6', checksumValue: sha256 }] },
      'pkg:toy/a@1',
    ],
    [
      'a verification code',
      { packageVerificationCode: { packageVerificationCodeValue: 'ab'.repeat(20) } },
      'pkg:toy/a@1',
    ],
    ['a repository', { downloadLocation: 'git+https://git.example/a@1' }, 'a source.git'],
    [
      'an address elsewhere',
      { downloadLocation: 'https://files.example/a.tgz' },
      'pkg:toy/a@1 source.unpinned',
    ],
    [
      'a page of the registry',
      { downloadLocation: 'https://registry.example/project/a/#files' },
      'pkg:toy/a@1',
    ],
    [
      'no purl',
      { externalRefs: [{ referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:a' }] },
      'a source.no-purl',
    ],
    ['one purl twice', { externalRefs: [purlOf('pkg:toy/a@1'), purlOf('pkg:toy/a@1')] }, 'pkg:toy/a@1'],
  ])('with %s', (_, fields, is) => {
    expect(told(document([packageOf('a', fields)]))).toEqual([is]);
  });

  it('with several purls for one package has all of them, contradicting each other', () => {
    const externalRefs = [purlOf('pkg:toy/a@1'), purlOf('pkg:toy/b@1')];
    expect(told(document([packageOf('a', { externalRefs })]))).toEqual([
      'pkg:toy/a@1 source.contradiction',
      'pkg:toy/b@1 source.renamed source.contradiction',
    ]);
  });

  it('that describes several packages has no software beside them', () => {
    const both = document([packageOf('a'), packageOf('b')], {
      documentDescribes: ['SPDXRef-a', 'SPDXRef-b'],
    });
    expect(told(both)).toEqual(['pkg:toy/a@1', 'pkg:toy/b@1']);
  });

  it('tells by relationships which packages are for development or optional alone', () => {
    const list = document(
      [packageOf('app'), packageOf('a'), packageOf('b'), packageOf('c'), packageOf('d')],
      {
        documentDescribes: ['SPDXRef-app'],
        relationships: related(
          'SPDXRef-a DEV_DEPENDENCY_OF SPDXRef-app',
          'SPDXRef-b DEV_DEPENDENCY_OF SPDXRef-app',
          'SPDXRef-a DEPENDENCY_OF SPDXRef-c',
          'SPDXRef-c OPTIONAL_DEPENDENCY_OF SPDXRef-app',
          'SPDXRef-d OPTIONAL_DEPENDENCY_OF SPDXRef-app',
          'SPDXRef-b DEPENDS_ON SPDXRef-d',
        ),
      },
    );
    expect(told(list)).toEqual([
      'app source.workspace',
      'pkg:toy/a@1',
      'pkg:toy/b@1 dev',
      'pkg:toy/c@1 optional',
      'pkg:toy/d@1',
    ]);
  });

  it('lists parts that another document describes', () => {
    const relationships = related(
      'SPDXRef-a DEPENDS_ON DocumentRef-x:SPDXRef-y',
      'SPDXRef-a COPY_OF DocumentRef-x:SPDXRef-z',
    );
    expect(told(document([packageOf('a')], { relationships }))).toEqual([
      'pkg:toy/a@1',
      'DocumentRef-x:SPDXRef-y source.missing',
    ]);
  });

  it.each<[string, string | object, string]>([
    ['an older version', document([], { spdxVersion: 'SPDX-2.1' }), 'lockfile.unknown-version'],
    ['a version of no number', document([], { spdxVersion: 'x' }), 'lockfile.unknown-version'],
    ['packages that are no list', document({}), 'lockfile.invalid'],
    ['a package that is no object', document(['a']), 'lockfile.invalid'],
    ['a text without an end', `${tags}PackageComment: <text>open\n`, 'lockfile.invalid'],
    ['a line that is no tag', `${tags}what is this\n`, 'lockfile.invalid'],
  ])('with %s is refused', (_, content, code) => expect(codeOf(content)).toBe(code));

  it('gives a submission or a stable code for any lines', () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...tags.split('\n'),
        '</text>',
        'PackageComment: <text>x</text>',
        'Relationship:',
        'ExternalRef: x purl',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const code = codeOf(['SPDXVersion: SPDX-2.3', ...lines].join('\n'));
        expect(['spdx@2.3', 'spdx@2.2', 'lockfile.invalid']).toContain(code);
      }),
    );
  });
});
