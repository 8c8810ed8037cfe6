import { decisionSchema, type Decision, type Verdict } from '@sluice/contracts';
import { cooldownEndOf, judge, type Policy } from '@sluice/policy';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { Assessment } from '../assessments/assessment.ts';
import { decideByPolicy, digestsOf, hasEnded, verifiedFiles } from './decide.ts';

/** An assessment whose evidence was judged. */
export interface Ended {
  assessment: Assessment;
  verdict: Verdict;
}

export interface Decided extends Ended {
  /** Null when the decision that holds goes on holding. */
  decision: Decision | null;
  /** The decision that held until its end came; null when there is none. */
  over: Decision | null;
  /** When the package version has to be judged again, since time changes something then; null for never. */
  wakeAt: Date | null;
}

export interface PackageRow {
  decision: unknown;
  sequence: number;
  /** SHA-512, as hex, of the first bytes of each file, by its name. */
  firstBytes: Record<string, string> | null;
}

/** Locks the rows of package versions, in one order everywhere. */
export async function lockPackages(tx: Tx, purls: string[]): Promise<Map<string, PackageRow>> {
  const rows = await tx<(PackageRow & { purl: string })[]>`
    select purl, decision, decision_sequence as sequence,
      (select json_object_agg(file, sha512) from package_files f where f.purl = packages.purl) as "firstBytes"
    from packages
    where purl = any(${purls}::text[]) order by purl for update`;
  return new Map(rows.map((row) => [row.purl, row]));
}

/** The decisions that follow from new verdicts, by the policy. Pure. */
export function decideAll(
  ended: Ended[],
  packages: Map<string, PackageRow>,
  policy: Policy,
  now: Date,
): Decided[] {
  return ended.map(({ assessment, verdict }) => {
    const row = packages.get(assessment.purl);
    const current = row?.decision ? decisionSchema.parse(row.decision) : null;
    const over = current && hasEnded(current, now) ? current : null;
    const next = decideByPolicy({ verdict, digests: digestsOf(assessment.download) }, current, policy, now);
    const decision = next && { ...next, sequence: (row?.sequence ?? 0) + 1 };
    const holds = decision ?? (over ? null : current);
    return { assessment, verdict, decision, over, wakeAt: wakeTime(holds, verdict) };
  });
}

/** The time at which a decision or a cooldown ends; null for none. Pure. */
export function wakeTime(decision: Decision | null, verdict: Verdict | null): Date | null {
  const times = [
    decision?.until ? new Date(decision.until) : null,
    verdict === null ? null : cooldownEndOf(verdict),
  ].filter((time) => time !== null);
  return times.length === 0 ? null : new Date(Math.min(...times.map((time) => time.getTime())));
}

/**
 * Saves the present decisions on package versions. The rows are locked by the caller.
 * @param assessedAt null when nothing new was found, only judged anew.
 */
export async function savePackages(tx: Tx, decided: Decided[], assessedAt: Date | null): Promise<void> {
  const column = columnsOf(tx, decided);
  await tx`
    update packages set assessment_id = e.assessment_id, assessed_at = coalesce(${assessedAt}, packages.assessed_at),
      decision = case when e.over is not null then e.decision::json else coalesce(e.decision::json, packages.decision) end,
      wake_at = e.wake_at,
      decision_sequence = coalesce(e.sequence, packages.decision_sequence)
    from unnest(
      ${column(({ assessment }) => assessment.purl)}, ${column(({ assessment }) => assessment.id)}::uuid[],
      ${column(({ decision }) => decision)}, ${column(({ decision }) => decision && decision.sequence)}::int[],
      ${column(({ over }) => over && over.sequence)}::int[],
      ${column(({ wakeAt }) => wakeAt && wakeAt.toISOString())}::timestamptz[])
      as e (purl, assessment_id, decision, sequence, over, wake_at)
    where packages.purl = e.purl`;
}

/** Notes the bytes of files that were never assessed before. */
export async function saveFirstBytes(
  tx: Tx,
  ended: Ended[],
  packages: Map<string, PackageRow>,
): Promise<void> {
  const files = ended.flatMap(({ assessment: { purl, download } }) =>
    verifiedFiles(download)
      .filter(({ file }) => packages.get(purl)?.firstBytes?.[file] === undefined)
      .map((file) => ({ purl, ...file })),
  );
  if (files.length === 0) return;
  const column = columnsOf(tx, files);
  await tx`
    insert into package_files (purl, file, sha512)
    select * from unnest(
      ${column(({ purl }) => purl)}, ${column(({ file }) => file)}, ${column(({ sha512 }) => sha512)})
    on conflict do nothing`;
}

/** Judges an assessment by its evidence and the first bytes of its files. */
export function judgeAssessment(
  assessment: Assessment,
  packages: Map<string, PackageRow>,
  policy: Policy,
  now: Date,
): Ended {
  const firstBytes = new Map(Object.entries(packages.get(assessment.purl)?.firstBytes ?? {}));
  return { assessment, verdict: judge(assessment, policy, now, firstBytes) };
}

/** Adds decisions to the record of all decisions. */
export async function recordDecisions(
  tx: Tx,
  rows: { purl: string; assessmentId: string; decision: Decision }[],
): Promise<void> {
  if (rows.length === 0) return;
  const column = columnsOf(tx, rows);
  await tx`
    insert into decisions (purl, sequence, assessment_id, state, by_kind, by_name, reason, at, until, digests)
    select purl, sequence, assessment_id, state, by_kind, by_name, reason, at, until,
      array(select json_array_elements_text(digests::json)) from unnest(
      ${column(({ purl }) => purl)}, ${column(({ decision }) => decision.sequence)}::int[],
      ${column(({ assessmentId }) => assessmentId)}::uuid[], ${column(({ decision }) => decision.state)},
      ${column(({ decision }) => decision.by.kind)}, ${column(({ decision }) => decision.by.name)},
      ${column(({ decision }) => decision.reason)}, ${column(({ decision }) => decision.at)}::timestamptz[],
      ${column(({ decision }) => decision.until)}::timestamptz[], ${column(({ decision }) => decision.digests ?? [])})
      as e (purl, sequence, assessment_id, state, by_kind, by_name, reason, at, until, digests)`;
}
