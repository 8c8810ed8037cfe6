import type { Report, ReportItem } from '@sluice/api';
import { fileOf, plain, reasonsOf } from './findings.ts';
import { packagesOf } from './packages.ts';

/**
 * CycloneDX 1.6: each package version with its license, the hashes of its archives, and the advisories that affect it.
 * Where it stands is in properties of the taxonomy `sluice:`. The hashes are those of the archive.
 */
export function renderCycloneDx(report: Report): string {
  const packages = packagesOf(report);
  const document = {
    ...documentOf(report),
    components: packages.map((item, index) => componentOf(item, index)),
    vulnerabilities: vulnerabilitiesOf(packages),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The head of a document about the files of a report. */
export function documentOf({ generatedAt, generator, requests }: Report) {
  const [only] = requests;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    ...(requests.length === 1 ? { serialNumber: `urn:uuid:${only!.request.id}` } : {}),
    version: 1,
    metadata: {
      timestamp: generatedAt,
      tools: { components: [{ type: 'application', name: generator.name, version: generator.version }] },
      component: {
        type: 'application',
        'bom-ref': 'subject',
        name: requests.map(({ request }) => fileOf(request)).join(', ') || 'nothing',
      },
    },
  };
}

/** A reference within the document; the purl where there is one. */
const referenceOf = (item: ReportItem, index: number) => item.purl ?? `item-${index + 1}`;

/** @param index of the package in the document, for one without a purl. */
export function componentOf(item: ReportItem, index: number) {
  const slash = item.name.lastIndexOf('/');
  const properties = [
    { name: 'sluice:standing', value: item.standing },
    ...reasonsOf(item, '').map(({ code }) => ({ name: 'sluice:reason', value: plain(code) })),
  ];
  return {
    type: 'library',
    'bom-ref': referenceOf(item, index),
    ...(slash > 0 ? { group: plain(item.name.slice(0, slash)) } : {}),
    name: plain(item.name.slice(slash + 1)),
    ...(item.version === null ? {} : { version: plain(item.version) }),
    scope: item.standing === 'other-platform' ? 'excluded' : item.optional ? 'optional' : 'required',
    ...(item.files.length === 1 ? { hashes: hashesOf(item.files[0]!) } : {}),
    ...licensesOf(item),
    ...(item.purl === null ? {} : { purl: item.purl }),
    properties,
  };
}

function hashesOf({ sha1, sha256, sha512 }: ReportItem['files'][number]) {
  return [
    { alg: 'SHA-1', content: sha1 },
    { alg: 'SHA-256', content: sha256 },
    { alg: 'SHA-512', content: sha512 },
  ];
}

function licensesOf({ license }: ReportItem): object {
  if (license?.expression)
    return { licenses: [{ expression: license.expression, acknowledgement: 'declared' }] };
  if (license?.declared)
    return { licenses: [{ license: { name: plain(license.declared), acknowledgement: 'declared' } }] };
  return {};
}

type Advisory = ReportItem['advisories'][number];

/** A package version of the document. */
interface Listed {
  item: ReportItem;
  index: number;
}

/** Each advisory once, with all package versions that it affects. */
function vulnerabilitiesOf(packages: ReportItem[]) {
  const found = new Map<string, { advisory: Advisory; affected: Listed[] }>();
  packages.forEach((item, index) => {
    for (const advisory of item.advisories) {
      const known = found.get(advisory.id) ?? { advisory, affected: [] };
      known.affected.push({ item, index });
      found.set(advisory.id, known);
    }
  });
  return [...found.values()].map(({ advisory, affected }) => statementOf(advisory, affected));
}

/** An advisory as a vulnerability of the package versions that it affects. */
export function statementOf(advisory: Advisory, affected: readonly Listed[]) {
  const { id, aliases, severity, score, summary } = advisory;
  const fixed = affected.flatMap(({ item }) =>
    item.advisories.flatMap((own) => (own.id === id && own.fixedIn !== null ? [own.fixedIn] : [])),
  );
  return {
    'bom-ref': `advisory-${plain(id)}`,
    id: plain(id),
    source: { name: 'OSV' },
    references: [...new Set(aliases)].map((alias) => ({ id: plain(alias), source: { name: 'OSV' } })),
    ratings: [{ severity: severity ?? 'unknown', ...(score === null ? {} : { score }), method: 'other' }],
    description: plain(summary),
    ...(fixed.length > 0 ? { recommendation: `Update to ${plain([...new Set(fixed)].join(' or '))}.` } : {}),
    affects: [...new Set(affected.map(({ item, index }) => referenceOf(item, index)))].map((ref) => ({
      ref,
    })),
  };
}
