import type { PermanentError } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentIntakes, parseDocument, told } from '../../test/document-cases.ts';
import { isDocument } from '../parse-submission.ts';

const sha256 = 'ab'.repeat(32);
const archive = 'https://registry.example/a/-/a-1.tgz';
const bom = (fields: object, specVersion = '1.6') => ({ bomFormat: 'CycloneDX', specVersion, ...fields });
const one = (component: object) =>
  bom({ components: [{ type: 'library', name: 'a', version: '1', ...component }] });
const xml = (content: string, version = '1.5') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/${version}" version="1">${content}</bom>`;
const codeOf = (content: string | object) => {
  try {
    return parseDocument(content).format;
  } catch (error) {
    return (error as PermanentError).code;
  }
};

describe('a CycloneDX document', () => {
  it.each(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])('of version %s is read, in JSON and XML', (version) => {
    const component =
      '<component type="library" bom-ref="x"><name>a</name><version>1</version><purl>pkg:toy/a@1</purl></component>';
    const inXml = parseDocument(xml(`<components>${component}</components>`, version));
    const json = { type: 'library', 'bom-ref': 'x', name: 'a', version: '1', purl: 'pkg:toy/a@1' };
    expect(parseDocument(bom({ components: [json] }, version))).toEqual(inXml);
    expect(inXml).toMatchObject({
      format: `cyclonedx@${version}`,
      entryCount: 1,
      items: [{ purl: 'pkg:toy/a@1', paths: ['x'] }],
    });
  });

  it('has its components, those within them, and those within the software, which is not judged itself', () => {
    const document = bom({
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'app',
          name: 'app',
          version: '7',
          purl: 'pkg:toy/app@7',
          components: [{ name: 'm', purl: 'pkg:toy/m@1' }],
        },
      },
      components: [
        { 'bom-ref': 'a', name: 'a', purl: 'pkg:toy/a@1', components: [{ name: 'b', purl: 'pkg:toy/b@2' }] },
        { name: 'c' },
      ],
      dependencies: [{ ref: 'app', dependsOn: ['a'] }],
      services: [{ name: 'none', purl: 'pkg:toy/none@1' }],
    });
    const read = parseDocument(document);
    expect(read.projectName).toBe('app');
    expect(told(document)).toEqual([
      'app source.workspace',
      'pkg:toy/m@1',
      'pkg:toy/a@1',
      'pkg:toy/b@2',
      'c source.no-purl',
    ]);
    expect(read.items.filter(({ direct }) => direct).map(({ purl }) => purl)).toEqual(['pkg:toy/a@1']);
  });

  it('judges the software itself where it says that a registry has it', () => {
    const component = {
      name: 'a',
      version: '1',
      purl: 'pkg:toy/a@1',
      externalReferences: [{ type: 'distribution', url: archive }],
    };
    expect(told(bom({ metadata: { component } }))).toEqual(['pkg:toy/a@1']);
  });

  it.each<[string, object, string]>([
    [
      'hashes of the package, of unknown meaning',
      { hashes: [{ alg: 'SHA-256', content: sha256 }] },
      'integrity.unclear',
    ],
    [
      'hashes beside the address of the archive',
      {
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        externalReferences: [{ type: 'distribution', url: archive }],
      },
      'sha256',
    ],
    [
      'hashes of the address itself, which come first',
      {
        hashes: [{ alg: 'SHA-512', content: 'cd'.repeat(64) }],
        externalReferences: [
          { type: 'distribution', url: archive, hashes: [{ alg: 'SHA-256', content: sha256 }] },
        ],
      },
      'sha256',
    ],
    [
      'hashes of an address that is no archive of it',
      {
        externalReferences: [
          {
            type: 'distribution',
            url: 'https://files.example/x.zip',
            hashes: [{ alg: 'SHA-256', content: sha256 }],
          },
        ],
      },
      'source.unpinned',
    ],
    [
      'a hash of a weak or unknown kind',
      {
        externalReferences: [
          {
            type: 'distribution',
            url: archive,
            hashes: [
              { alg: 'MD5', content: 'ab'.repeat(16) },
              { alg: 'SHA3-256', content: sha256 },
            ],
          },
        ],
      },
      '',
    ],
    [
      'an address on the registry’s host',
      { externalReferences: [{ type: 'distribution', url: 'https://registry.example/project/a' }] },
      '',
    ],
    [
      'an address with a host that only begins the same',
      { externalReferences: [{ type: 'distribution', url: 'https://registry.example.evil.example/a' }] },
      'source.unpinned',
    ],
    [
      'an address with credentials',
      { externalReferences: [{ type: 'distribution', url: 'https://me@registry.example/a' }] },
      'source.unpinned',
    ],
    ['a page', { externalReferences: [{ type: 'website', url: 'https://a.example' }] }, ''],
    ['another version beside its purl', { version: '2' }, 'source.contradiction'],
    ['another name', { name: 'alias' }, 'source.renamed'],
    ['patches', { pedigree: { patches: [{ type: 'unofficial' }] } }, 'source.patched'],
    ['the scope excluded', { scope: 'excluded' }, 'dev'],
    ['the scope optional', { scope: 'optional' }, 'optional'],
    [
      'the property of development',
      { properties: [{ name: 'cdx:toy:package:development', value: 'true' }] },
      'dev',
    ],
  ])('with %s', (_, component, is) => {
    expect(told(one({ purl: 'pkg:toy/a@1', ...component }))).toEqual([`pkg:toy/a@1 ${is}`.trim()]);
  });

  it('from a repository is listed', () => {
    const externalReferences = [{ type: 'distribution', url: 'git+https://git.example/a' }];
    expect(told(one({ purl: 'pkg:toy/a@1', externalReferences }))).toEqual(['a source.git']);
  });

  it('says aloud that it is incomplete', () => {
    expect(
      told(bom({ compositions: [{ aggregate: 'complete' }, { aggregate: 'incomplete_first_party_only' }] })),
    ).toEqual(['the software source.missing']);
    expect(
      told(xml('<compositions><composition><aggregate>incomplete</aggregate></composition></compositions>')),
    ).toEqual(['the software source.missing']);
  });

  it.each<[string, string | object, string]>([
    ['an older version', bom({}, '1.1'), 'lockfile.unknown-version'],
    ['a newer version', bom({}, '1.8'), 'lockfile.unknown-version'],
    ['a newer version in XML', xml('', '2.0'), 'lockfile.unknown-version'],
    ['components that are no list', bom({ components: {} }), 'lockfile.invalid'],
    ['a component that is no object', bom({ components: [1] }), 'lockfile.invalid'],
    ['metadata that are no object', bom({ metadata: [] }), 'lockfile.invalid'],
    [
      'components in a chain',
      JSON.stringify(bom({})).replace(
        '}',
        `,"components":${'[{"components":'.repeat(40)}[]${'}]'.repeat(40)}}`,
      ),
      'input.too-deep',
    ],
    ['XML that is not closed', xml('<components>').replace('</bom>', ''), 'lockfile.invalid'],
    ['XML with two roots', `${xml('')}<bom/>`, 'lockfile.invalid'],
    ['a document type', xml('').replace('<bom', '<!DOCTYPE bom><bom'), 'lockfile.invalid'],
    [
      'an external entity',
      xml('&x;').replace('<bom', '<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]><bom'),
      'lockfile.invalid',
    ],
    ['an entity that nobody declared', xml('<components>&x;</components>'), 'lockfile.invalid'],
    ['XML in too many levels', xml('<components>'.repeat(70) + '</components>'.repeat(70)), 'input.too-deep'],
    ['an attribute twice', xml('<components a="1" a="2"/>'), 'lockfile.invalid'],
    ['another encoding', Buffer.from(xml(''), 'utf16le').toString('latin1'), 'input.not-json'],
  ])('with %s is refused', (_, content, code) => expect(codeOf(content)).toBe(code));

  it('of more elements than any has is refused', () => {
    expect(codeOf(xml('<x/>'.repeat(600_001)))).toBe('input.too-large');
  });

  it('with an element of more attributes than any has is refused', () => {
    const attributes = Array.from({ length: 1_000_000 }, (_, at) => `a${at}=""`).join(' ');
    expect(codeOf(xml(`<components ${attributes}/>`))).toBe('input.too-large');
  });

  it('in XML is told from elements of other namespaces by the namespace, not by the prefix', () => {
    const text = `<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.4" xmlns:o="http://o.example"><c:components>
      <o:component><c:purl>pkg:toy/no@1</c:purl></o:component>
      <c:component type="library"><c:name>a</c:name><o:purl>pkg:toy/no@1</o:purl><c:purl><![CDATA[pkg:toy/a@1]]></c:purl></c:component>
    </c:components></c:bom>`;
    expect(told(text)).toEqual(['pkg:toy/a@1']);
  });

  it('is no lockfile that an installer reads', () => {
    expect(isDocument(Buffer.from(xml('')), { intakes: documentIntakes })).toBe(true);
    expect(isDocument(Buffer.from('x'), { intakes: documentIntakes })).toBe(false);
    expect(isDocument(Buffer.from('x'), { intakes: documentIntakes, format: 'toy-lock' })).toBe(false);
  });

  it('gives a submission or a stable code for any fields', () => {
    const value = fc.oneof(
      fc.constantFrom('pkg:toy/a@1', archive, 'distribution', 'SHA-256', sha256, 'incomplete', 1, null),
      fc.string(),
    );
    const component: fc.Arbitrary<object> = fc.dictionary(
      fc.constantFrom(
        'purl',
        'name',
        'group',
        'version',
        'hashes',
        'externalReferences',
        'type',
        'scope',
        'components',
        'alg',
        'content',
        'url',
        'pedigree',
      ),
      fc.oneof(
        value,
        fc.array(fc.dictionary(fc.constantFrom('alg', 'content', 'type', 'url', 'hashes', 'purl'), value)),
      ),
    );
    const fields = fc.dictionary(
      fc.constantFrom('metadata', 'components', 'dependencies', 'compositions'),
      fc.oneof(value, component, fc.array(component)),
    );
    fc.assert(
      fc.property(fields, (all) => {
        expect(['cyclonedx@1.6', 'lockfile.invalid']).toContain(codeOf(bom(all)));
      }),
    );
  });
});
