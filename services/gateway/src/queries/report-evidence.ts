import type { ReportItem } from '@sluice/api';
import type { DownloadEvidence, LicenseEvidence, ScanEvidence } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';

/** Evidence of a package version that reports show. */
export type ReportEvidence = Pick<ReportItem, 'license' | 'files' | 'advisories'>;

interface Row {
  purl: string;
  license: LicenseEvidence | null;
  files: DownloadEvidence['files'] | null;
  matches: ScanEvidence['advisories']['matches'] | null;
}

/** Evidence of the package versions of a request, by purl; none of one that has not been scanned. */
export async function reportEvidence(read: Sql, requestId: string): Promise<Map<string, ReportEvidence>> {
  const rows = await read<Row[]>`
    select e.purl, e.license, e.download -> 'files' as files, e.scan -> 'advisories' -> 'matches' as matches
    from package_evidence e
    where e.purl in (select purl from request_items where request_id = ${requestId} and purl is not null)`;
  return new Map(
    rows.map(({ purl, license, files, matches }) => [
      purl,
      {
        license: license && { declared: license.declared, expression: license.expression },
        files: (files ?? []).flatMap(({ file, status, sizeBytes, digests }) => {
          if (status !== 'verified' || digests === null) return [];
          const { sha1, sha256, sha512 } = digests;
          return [{ file, sizeBytes, sha1, sha256, sha512 }];
        }),
        advisories: matches ?? [],
      },
    ]),
  );
}
