import { createHash } from 'node:crypto';

export interface ExportSize {
  /** Records of malicious packages, one a package. */
  malicious: number;
  /** Records of flaws, some of them about the same package. */
  flaws: number;
}

/** As numerous as those in OSV's export for npm, by its sizes of 2025. */
export const fullExport: ExportSize = { malicious: 200_000, flaws: 5_000 };

const flawsPerPackage = 2;

export const maliciousName = (index: number) => `malicious-${index}`;
export const flawedName = (index: number) => `flawed-${Math.floor(index / flawsPerPackage)}`;

/**
 * Made-up records in the form and length of real ones.
 * @param day the later the day, the more of the flaws were edited: one in fifty a day.
 */
export function* osvExport(
  { malicious, flaws }: ExportSize,
  day: number,
): Generator<{ name: string; text: string }> {
  for (let index = 0; index < malicious; index += 1) yield asFile(maliciousRecord(index));
  for (let index = 0; index < flaws; index += 1) yield asFile(flawRecord(index, index % 50 < day ? day : 0));
}

const asFile = (record: { id: string }) => ({ name: `${record.id}.json`, text: JSON.stringify(record) });

function maliciousRecord(index: number) {
  const name = maliciousName(index);
  const sha256 = createHash('sha256').update(name).digest('hex');
  return {
    schema_version: '1.7.3',
    id: `MAL-2025-${index}`,
    modified: '2025-06-01T00:00:00Z',
    published: '2025-06-01T00:00:00Z',
    summary: `Malicious code in ${name} (npm)`,
    details: `The package ${name} was found to contain malicious code. ${`${sha256} `.repeat(8)}`,
    affected: [
      {
        package: { ecosystem: 'npm', name, purl: `pkg:npm/${name}` },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
        versions: ['1.0.0', '1.0.1', '2.0.0'],
        database_specific: { cwes: [{ cweId: 'CWE-506', name: 'Embedded Malicious Code' }] },
      },
    ],
    credits: [{ name: 'Example', type: 'FINDER', contact: ['https://registry.example'] }],
    database_specific: { 'malicious-packages-origins': [{ id: `MAL-${index}`, sha256, source: 'example' }] },
  };
}

function flawRecord(index: number, edition: number) {
  const name = flawedName(index);
  return {
    schema_version: '1.7.3',
    id: `GHSA-${index.toString(36).padStart(4, '2')}-aaaa-bbbb`,
    modified: `2025-06-${String(edition + 1).padStart(2, '0')}T00:00:00Z`,
    aliases: [`CVE-2025-${index}`],
    summary: `Denial of service in ${name}`,
    details: `${name} takes very long for some inputs. `.repeat(20),
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
    affected: [
      {
        package: { ecosystem: 'npm', name, purl: `pkg:npm/${name}` },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: `${1 + (index % 4)}.2.0` }] }],
      },
    ],
    database_specific: { severity: 'HIGH', github_reviewed: true },
  };
}
