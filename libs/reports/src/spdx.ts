import { createHash } from 'node:crypto';
import type { Report, ReportItem } from '@sluice/api';
import { fileOf, nameOf, plain } from './findings.ts';
import { packagesOf } from './packages.ts';

/** SPDX 2.3 in JSON: the packages of a report with declared licenses and the hashes of their archives. */
export function renderSpdx(report: Report): string {
  const packages = packagesOf(report);
  const name = report.requests.map(({ request }) => fileOf(request)).join(', ') || 'nothing';
  const root = 'SPDXRef-Subject';
  const idOf = (index: number) => `SPDXRef-Package-${index + 1}`;
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `urn:sluice:report:${namespaceOf(report)}`,
    creationInfo: {
      // SPDX has no fractions of a second.
      created: report.generatedAt.replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: ${report.generator.name}-${report.generator.version}`],
    },
    packages: [
      { SPDXID: root, name, downloadLocation: 'NOASSERTION', filesAnalyzed: false },
      ...packages.map((item, index) => packageOf(item, idOf(index))),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: root },
      ...packages.map((_, index) => ({
        spdxElementId: root,
        relationshipType: 'DEPENDS_ON',
        relatedSpdxElement: idOf(index),
      })),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Another one for each content, as the specification asks for. */
function namespaceOf({ generatedAt, requests }: Report): string {
  const ids = requests.map(({ request }) => request.id);
  return createHash('sha256')
    .update(JSON.stringify([generatedAt, ids]))
    .digest('hex');
}

function packageOf(item: ReportItem, id: string) {
  const [file, ...others] = item.files;
  return {
    SPDXID: id,
    name: plain(item.name),
    ...(item.version === null ? {} : { versionInfo: plain(item.version) }),
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: item.license?.expression ?? 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    comment: `${nameOf(item)} is ${item.standing}.`,
    ...(file && others.length === 0
      ? {
          packageFileName: plain(file.file),
          checksums: [
            { algorithm: 'SHA1', checksumValue: file.sha1 },
            { algorithm: 'SHA256', checksumValue: file.sha256 },
            { algorithm: 'SHA512', checksumValue: file.sha512 },
          ],
        }
      : {}),
    ...(item.purl === null
      ? {}
      : {
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: item.purl },
          ],
        }),
  };
}
