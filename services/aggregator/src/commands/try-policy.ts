import {
  PermanentError,
  decisionSchema,
  errorCodeOf,
  requireScope,
  type TryPolicyInput,
  type TryPolicyOutput,
} from '@sluice/contracts';
import { parsePolicy } from '@sluice/policy';
import { asTransient, type Sql, type Tx } from '@sluice/postgres';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { decideAll, packageColumns, type Decided, type PackageRow } from '../packages/decide-packages.ts';
import { hasEnded } from '../packages/decide.ts';
import { judgeFound } from '../packages/judge-found.ts';

/** Evidence of some 20 MB, judged in about a second; a client asks for the next page. */
const pageMax = 2_000;
/** Requesters that are named of a package version. */
const requestersMax = 10;

type Otherwise = TryPolicyOutput['newlyHeld'][number];

/**
 * Judges all that is in use in a scope by another policy, from the evidence that is stored, and lists the decisions that would differ.
 * The present policy judges the same evidence beside it, at the same time, so that nothing but the policy makes the difference. Nothing
 * is written.
 * @throws PermanentError `policy.invalid`, `scope.unknown`.
 */
export async function tryPolicy(
  { scope, policy: text, after }: TryPolicyInput,
  deps: Pick<AggregatorDeps, 'sql' | 'scopes' | 'now'>,
): Promise<TryPolicyOutput> {
  requireScope(scope, deps.scopes);
  const tried = readPolicy(text);
  const present = deps.scopes.get(scope)!;
  const now = deps.now();
  const read = async (tx: Tx): Promise<TryPolicyOutput> => {
    const found = await readPage(tx, scope, after);
    const decide = async (policy: typeof tried) =>
      decideAll(await judgeFound(tx, found, new Map([[scope, policy]]), now), now);
    const [before, then] = [await decide(present), await decide(tried)];
    const held: Decided[] = [];
    const free: Decided[] = [];
    for (const [at, one] of then.entries()) {
      const [isFree, wasFree] = [mayInstall(one, now), mayInstall(before[at]!, now)];
      if (wasFree && !isFree) held.push(one);
      if (!wasFree && isFree) free.push(before[at]!);
    }
    const requests = await readRequests(
      tx,
      scope,
      [...held, ...free].map(({ row }) => row.purl),
    );
    const shown = (one: Decided): Otherwise => ({
      purl: one.row.purl,
      codes: codesOf(one),
      ...(requests.get(one.row.purl) ?? { requests: 0, requesters: [] }),
    });
    return {
      digest: tried.digest,
      judged: found.length,
      newlyHeld: held.map(shown),
      newlyFree: free.map(shown),
      next: found.length < pageMax ? null : found.at(-1)!.row.purl,
    };
  };
  return (await deps.sql.begin('read only', read).catch((error: unknown) => {
    throw asTransient(error);
  })) as TryPolicyOutput;
}

/** As a document that is sent, not one that this service is configured with. */
function readPolicy(text: string) {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (errorCodeOf(error) !== 'config.invalid') throw error;
    throw new PermanentError('policy.invalid', (error as Error).message, { cause: error });
  }
}

async function readPage(
  tx: Sql | Tx,
  scope: string,
  after: string | null,
): Promise<{ row: PackageRow; assessment: Assessment }[]> {
  const rows = await tx<PackageRow[]>`
    select ${tx.unsafe(packageColumns)} from packages
    where scope = ${scope} and assessment_id is not null ${after === null ? tx`` : tx`and purl > ${after}`}
    order by purl limit ${pageMax}`;
  const assessments = await tx<Assessment[]>`
    select ${tx.unsafe(assessmentColumns)} from assessments
    where id = any(${rows.map(({ assessmentId }) => assessmentId)}::uuid[])`;
  const byId = new Map(assessments.map((assessment) => [assessment.id, assessment]));
  return rows.map((row) => ({ row, assessment: byId.get(row.assessmentId!)! }));
}

/** Whether the package version may be installed after the policy's decision, or by the decision that goes on holding. */
function mayInstall({ row, decision }: Decided, now: Date): boolean {
  if (decision) return decision.state === 'approved';
  const current = row.decision ? decisionSchema.parse(row.decision) : null;
  return current !== null && current.state === 'approved' && !hasEnded(current, now);
}

function codesOf({ verdict: { outcome, reasons } }: Decided): string[] {
  return [...new Set(reasons.filter((reason) => reason.outcome === outcome).map(({ code }) => code))];
}

async function readRequests(
  tx: Sql | Tx,
  scope: string,
  purls: string[],
): Promise<Map<string, Pick<Otherwise, 'requests' | 'requesters'>>> {
  if (purls.length === 0) return new Map();
  const rows = await tx<Pick<Otherwise, 'purl' | 'requests' | 'requesters'>[]>`
    select i.purl, count(distinct i.request_id)::int as requests, array_agg(distinct r.requester) as requesters
    from items i join requests r on r.id = i.request_id
    where i.purl = any(${purls}::text[]) and i.scope = ${scope} group by i.purl`;
  return new Map(
    rows.map(({ purl, requests, requesters }) => [
      purl,
      { requests, requesters: requesters.slice(0, requestersMax) },
    ]),
  );
}
