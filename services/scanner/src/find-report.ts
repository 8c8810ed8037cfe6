import type { ArtifactStore } from '@sluice/artifacts';
import { errorCodeOf, type ErrorCode } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import { parseArchiveReport, type ArchiveReport } from '@sluice/inspection';

/** A stored report and its place. */
export interface StoredReport {
  report: ArchiveReport;
  digest: string;
}

/** Twice the size of the largest report: a thousand findings and five thousand paths. */
const reportMaxBytes = 16 * 1024 * 1024;

const unreadableCodes = new Set<ErrorCode>(['artifact.missing', 'artifact.corrupt', 'artifact.too-large']);

/** The report of an archive under these rules, or null when there is none, or its bytes are gone or damaged. */
export async function findReport(
  sql: Sql,
  artifacts: ArtifactStore,
  artifactDigest: string,
  rulesVersion: string,
): Promise<StoredReport | null> {
  const [row] = await sql<{ digest: string }[]>`
    select report_digest as digest from scan_reports
    where artifact_digest = ${artifactDigest} and rules_version = ${rulesVersion}`;
  if (!row) return null;
  try {
    return {
      report: parseArchiveReport(await artifacts.read(row.digest, reportMaxBytes)),
      digest: row.digest,
    };
  } catch (error) {
    // It can be made again, which needs no repair by a person.
    if (unreadableCodes.has(errorCodeOf(error))) return null;
    throw error;
  }
}

/** Keeps a report for the next time that the same bytes come by. */
export async function keepReport(
  sql: Sql,
  artifacts: ArtifactStore,
  artifactDigest: string,
  rulesVersion: string,
  report: ArchiveReport,
): Promise<StoredReport> {
  const { digest } = await artifacts.put(Buffer.from(JSON.stringify(report)));
  const { status, reason, findingsTotal, entryCount, unpackedSizeBytes } = report;
  const summary = { status, reason, findingsTotal, entryCount, unpackedSizeBytes };
  await sql`
    insert into scan_reports (artifact_digest, rules_version, report_digest, summary)
    values (${artifactDigest}, ${rulesVersion}, ${digest}, ${sql.json(summary)})
    on conflict (artifact_digest, rules_version) do update set report_digest = excluded.report_digest`;
  return { report, digest };
}
