import { decisionSchema, type Decision, type Verdict } from '@sluice/contracts';
import { endOf, judge, type Fix, type Policy } from '@sluice/policy';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { Assessment } from '../assessments/assessment.ts';
import type { Scopes } from '../scopes.ts';
import { keyOf } from '../requests/credit-items.ts';
import { decideByPolicy, digestsOf, hasEnded, verifiedFiles } from './decide.ts';
import { waiversColumn, waiversOf, type StoredWaiver } from './waivers-of.ts';

/** A package version in a scope. */
export interface PackageRow {
  purl: string;
  scope: string;
  /** The assessment that was judged last in this scope. */
  assessmentId: string | null;
  decision: unknown;
  sequence: number;
  /** SHA-512, as hex, of the first bytes of each file, by its name. */
  firstBytes: Record<string, string> | null;
  /** Fingerprint of the key that signed the first files of the namespace; null where none was seen. */
  firstSigner: string | null;
  /** When the first of its files was first assessed; null before that. */
  seenAt: Date | null;
  /** Of its package in the scope; null for none. */
  waivers: StoredWaiver[] | null;
}

/** An assessment whose evidence was judged in one scope. */
export interface Judged {
  row: PackageRow;
  assessment: Assessment;
  policy: Policy;
  verdict: Verdict;
}

export interface Decided extends Judged {
  /** Null when the decision that holds goes on holding. */
  decision: Decision | null;
  /** The decision that held until its end came; null when there is none. */
  over: Decision | null;
  /** When the package version has to be judged again, since time changes something then; null for never. */
  wakeAt: Date | null;
}

/** Columns of `packages` that make up a `PackageRow`. */
export const packageColumns = `
  purl, scope, assessment_id as "assessmentId", decision, decision_sequence as sequence,
  (select json_object_agg(file, sha512) from package_files f where f.purl = packages.purl) as "firstBytes",
  ${waiversColumn},
  (select min(first_assessed_at) from package_files f where f.purl = packages.purl) as "seenAt",
  (select key from signing_keys k where k.namespace = regexp_replace(packages.purl, '/[^/]*$', '')) as "firstSigner"`;

/** Locks the rows of package versions in all scopes, in one order everywhere. */
export async function lockPackages(tx: Tx, purls: string[]): Promise<PackageRow[]> {
  const locked = await tx<{ purl: string; scope: string }[]>`
    select purl, scope from packages where purl = any(${purls}::text[]) order by purl, scope for update`;
  return readLocked(tx, locked);
}

/**
 * Reads rows that an earlier statement of the transaction has locked. A statement that waits for a lock sees the rows that it locks as they
 * are by then, but other tables as they were before: a waiver that was ended meanwhile would hold.
 */
export async function readLocked(tx: Tx, locked: { purl: string; scope: string }[]): Promise<PackageRow[]> {
  if (locked.length === 0) return [];
  const column = columnsOf(tx, locked);
  return tx<PackageRow[]>`
    select ${tx.unsafe(packageColumns)} from packages
    where (purl, scope) in (select * from unnest(${column(({ purl }) => purl)}, ${column(({ scope }) => scope)}))
    order by purl, scope`;
}

/**
 * Judges assessments, each in the scope of its row, by their evidence and the first bytes of their files. A scope that is
 * not configured any more has no policy to judge by, and keeps the verdict that it has. Pure.
 * @param fixes advisories in use that a package version is the fix of, by the key of its row.
 */
export function judgeAll(
  found: { row: PackageRow; assessment: Assessment }[],
  scopes: Scopes,
  now: Date,
  fixes: ReadonlyMap<string, Fix[]> = new Map(),
): Judged[] {
  return found.flatMap(({ row, assessment }) => {
    const policy = scopes.get(row.scope);
    if (!policy) return [];
    const about = {
      purl: row.purl,
      first: { bytes: new Map(Object.entries(row.firstBytes ?? {})), signer: row.firstSigner },
      seenAt: row.seenAt,
      fixes: fixes.get(keyOf(row)) ?? [],
      waivers: waiversOf(row.purl, row.waivers),
    };
    return [{ row, assessment, policy, verdict: judge(assessment, policy, now, about) }];
  });
}

/** The decisions that follow from new verdicts, by the policies. Pure. */
export function decideAll(judged: Judged[], now: Date): Decided[] {
  return judged.map((one) => {
    const { row, assessment, policy, verdict } = one;
    const current = row.decision ? decisionSchema.parse(row.decision) : null;
    const over = current && hasEnded(current, now) ? current : null;
    const next = decideByPolicy({ verdict, digests: digestsOf(assessment.download) }, current, policy, now);
    const decision = next && { ...next, sequence: row.sequence + 1 };
    const holds = decision ?? (over ? null : current);
    return { ...one, decision, over, wakeAt: wakeTime(holds, verdict) };
  });
}

/** The time at which a decision, a cooldown or a waiver ends; null for none. Pure. */
export function wakeTime(decision: Decision | null, verdict: Verdict | null): Date | null {
  const times = [
    decision?.until ? new Date(decision.until) : null,
    verdict === null ? null : endOf(verdict),
  ].filter((time) => time !== null);
  return times.length === 0 ? null : new Date(Math.min(...times.map((time) => time.getTime())));
}

/** Saves verdicts; one that the same assessment had before in the scope is replaced. */
export async function saveVerdicts(tx: Tx, judged: Judged[]): Promise<void> {
  if (judged.length === 0) return;
  const column = columnsOf(tx, judged);
  await tx`
    insert into verdicts (assessment_id, scope, verdict)
    select assessment_id, scope, verdict::json from unnest(
      ${column(({ assessment }) => assessment.id)}::uuid[], ${column(({ row }) => row.scope)},
      ${column(({ verdict }) => verdict)}) as e (assessment_id, scope, verdict)
    on conflict (assessment_id, scope) do update set verdict = excluded.verdict`;
}

/** Saves the present decisions on package versions. The rows are locked by the caller. */
export async function savePackages(tx: Tx, decided: Decided[]): Promise<void> {
  if (decided.length === 0) return;
  const column = columnsOf(tx, decided);
  await tx`
    update packages set assessment_id = e.assessment_id,
      decision = case when e.over is not null then e.decision::json else coalesce(e.decision::json, packages.decision) end,
      wake_at = e.wake_at,
      decision_sequence = coalesce(e.sequence, packages.decision_sequence)
    from unnest(
      ${column(({ row }) => row.purl)}, ${column(({ row }) => row.scope)},
      ${column(({ assessment }) => assessment.id)}::uuid[],
      ${column(({ decision }) => decision)}, ${column(({ decision }) => decision && decision.sequence)}::int[],
      ${column(({ over }) => over && over.sequence)}::int[],
      ${column(({ wakeAt }) => wakeAt && wakeAt.toISOString())}::timestamptz[])
      as e (purl, scope, assessment_id, decision, sequence, over, wake_at)
    where packages.purl = e.purl and packages.scope = e.scope`;
}

/** Notes the bytes of files that were never assessed before. */
export async function saveFirstBytes(tx: Tx, assessments: Assessment[], rows: PackageRow[]): Promise<void> {
  const firstBytes = new Map(rows.map((row) => [row.purl, row.firstBytes]));
  const files = assessments.flatMap(({ purl, download }) =>
    verifiedFiles(download)
      .filter(({ file }) => firstBytes.get(purl)?.[file] === undefined)
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

/**
 * Notes the keys of namespaces of which nothing signed was assessed before. One of several in a batch counts, in the order of
 * purls; the namespaces are in one order everywhere, since batches side by side wait for each other's rows.
 */
export async function saveFirstSigners(tx: Tx, assessments: Assessment[], rows: PackageRow[]): Promise<void> {
  const known = new Set(rows.filter(({ firstSigner }) => firstSigner !== null).map(({ purl }) => purl));
  const signed = assessments.flatMap(({ purl, registry }) => {
    const key = registry?.signer ?? null;
    return key === null || known.has(purl) ? [] : [{ namespace: namespaceOf(purl), purl, key }];
  });
  if (signed.length === 0) return;
  const column = columnsOf(tx, signed);
  await tx`
    insert into signing_keys (namespace, purl, key)
    select distinct on (namespace) namespace, purl, key from unnest(
      ${column(({ namespace }) => namespace)}, ${column(({ purl }) => purl)}, ${column(({ key }) => key)})
      as e (namespace, purl, key) order by namespace, purl
    on conflict do nothing`;
}

/** `pkg:terraform/registry.example/acme` of the purl of a package version in it. */
function namespaceOf(purl: string): string {
  return purl.slice(0, purl.lastIndexOf('/'));
}

/** Adds decisions to the record of all decisions. */
export async function recordDecisions(
  tx: Tx,
  rows: { purl: string; scope: string; assessmentId: string; decision: Decision }[],
): Promise<void> {
  if (rows.length === 0) return;
  const column = columnsOf(tx, rows);
  await tx`
    insert into decisions (purl, scope, sequence, assessment_id, state, by_kind, by_name, reason, at, until, digests)
    select purl, scope, sequence, assessment_id, state, by_kind, by_name, reason, at, until,
      array(select json_array_elements_text(digests::json)) from unnest(
      ${column(({ purl }) => purl)}, ${column(({ scope }) => scope)}, ${column(({ decision }) => decision.sequence)}::int[],
      ${column(({ assessmentId }) => assessmentId)}::uuid[], ${column(({ decision }) => decision.state)},
      ${column(({ decision }) => decision.by.kind)}, ${column(({ decision }) => decision.by.name)},
      ${column(({ decision }) => decision.reason)}, ${column(({ decision }) => decision.at)}::timestamptz[],
      ${column(({ decision }) => decision.until)}::timestamptz[], ${column(({ decision }) => decision.digests ?? [])})
      as e (purl, scope, sequence, assessment_id, state, by_kind, by_name, reason, at, until, digests)`;
}
