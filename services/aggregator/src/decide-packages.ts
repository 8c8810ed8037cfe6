import { decisionSchema, type Decision, type Verdict } from '@sluice/contracts';
import type { Policy } from '@sluice/policy';
import type { Tx } from '@sluice/postgres';
import type { Assessment } from './assessment.ts';
import { decideByPolicy } from './decide.ts';

/** An assessment whose evidence was judged. */
export interface Ended {
  assessment: Assessment;
  verdict: Verdict;
}

export interface Decided {
  assessment: Assessment;
  /** Null when the decision that holds goes on holding. */
  decision: Decision | null;
}

export interface PackageRow {
  decision: unknown;
  sequence: number;
  firstSha512: string | null;
}

/** Locks what holds for package versions, in one order everywhere. */
export async function lockPackages(tx: Tx, purls: string[]): Promise<Map<string, PackageRow>> {
  const rows = await tx<(PackageRow & { purl: string })[]>`
    select purl, decision, decision_sequence as sequence, first_sha512 as "firstSha512" from packages
    where purl = any(${purls}::text[]) order by purl for update`;
  return new Map(rows.map((row) => [row.purl, row]));
}

/** What follows from new verdicts, by the policy. Pure. */
export function decideAll(
  ended: Ended[],
  packages: Map<string, PackageRow>,
  policy: Policy,
  now: Date,
): Decided[] {
  return ended.map(({ assessment, verdict }) => {
    const row = packages.get(assessment.purl);
    const holds = row?.decision ? decisionSchema.parse(row.decision) : null;
    const next = decideByPolicy(verdict, holds, policy, now);
    return { assessment, decision: next && { ...next, sequence: (row?.sequence ?? 0) + 1 } };
  });
}

/** Saves what holds for package versions now. The rows are locked by the caller. */
export async function savePackages(tx: Tx, decided: Decided[], now: Date): Promise<void> {
  await tx`
    update packages set assessment_id = e.assessment_id, assessed_at = ${now},
      decision = coalesce(e.decision::jsonb, packages.decision),
      decision_sequence = coalesce((e.decision::jsonb ->> 'sequence')::int, packages.decision_sequence),
      -- The first bytes stay the first, whatever comes later.
      first_sha512 = coalesce(packages.first_sha512, e.sha512)
    from unnest(
      ${decided.map(({ assessment }) => assessment.purl)}::text[],
      ${decided.map(({ assessment }) => assessment.id)}::uuid[],
      ${decided.map(({ decision }) => decision && JSON.stringify(decision))}::text[],
      ${decided.map(({ assessment }) => verifiedSha512(assessment))}::text[])
      as e (purl, assessment_id, decision, sha512)
    where packages.purl = e.purl`;
}

function verifiedSha512({ download }: Assessment): string | null {
  return download?.status === 'verified' ? (download.digests?.sha512 ?? null) : null;
}

/** Adds decisions to the record of all decisions. */
export async function recordDecisions(
  tx: Tx,
  rows: { purl: string; assessmentId: string; decision: Decision }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into decisions (purl, sequence, assessment_id, state, by_kind, by_name, reason, at, until)
    select e.purl, (d ->> 'sequence')::int, e.assessment_id, d ->> 'state', d -> 'by' ->> 'kind', d -> 'by' ->> 'name',
      d ->> 'reason', (d ->> 'at')::timestamptz, (d ->> 'until')::timestamptz
    from unnest(
      ${rows.map((row) => row.purl)}::text[], ${rows.map((row) => row.assessmentId)}::uuid[],
      ${rows.map((row) => JSON.stringify(row.decision))}::text[]::jsonb[]) as e (purl, assessment_id, d)`;
}
