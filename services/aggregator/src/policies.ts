import type { ListPoliciesInput, ListPoliciesOutput, PolicyVersion } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import type { Policy } from '@sluice/policy';
import type { Tx } from '@sluice/postgres';
import type { AggregatorDeps } from './deps.ts';
import { transact } from './transact.ts';

/**
 * Keeps each scope's policy when it is another one than the last that was in force there. Replicas that start together keep it
 * once, and the audit has it.
 * @returns how many were kept.
 */
export async function activatePolicies(deps: AggregatorDeps): Promise<number> {
  return transact(deps, 'activate policies', async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('sluice policies'))`;
    let kept = 0;
    for (const [scope, policy] of deps.scopes) kept += await activate(tx, scope, policy, deps.now());
    return kept;
  });
}

async function activate(tx: Tx, scope: string, policy: Policy, now: Date): Promise<number> {
  const { digest, ...document } = policy;
  const [last] = await tx<{ version: number; digest: string }[]>`
    select version, digest from policies where scope = ${scope} order by version desc limit 1`;
  if (last?.digest === digest) return 0;
  const version = (last?.version ?? 0) + 1;
  await tx`
    insert into policies (scope, version, name, digest, document, activated_at)
    values (${scope}, ${version}, ${policy.name}, ${digest}, ${JSON.stringify(document)}::text::json, ${now})`;
  await recordAudit(tx, 'aggregator', {
    actor: 'aggregator',
    action: 'activate-policy',
    subject: `policy of ${scope}`,
    detail: { version, digest, before: last?.digest ?? null },
  });
  return 1;
}

/** Policies that are or were in force, the last activated first. */
export async function listPolicies(
  { scopes, limit, after }: ListPoliciesInput,
  { sql }: Pick<AggregatorDeps, 'sql'>,
): Promise<ListPoliciesOutput> {
  const rows = await sql<(Omit<PolicyVersion, 'activatedAt'> & { activatedAt: Date })[]>`
    select scope, version, name, digest, activated_at as "activatedAt", document from policies
    where ${scopes === null ? sql`true` : sql`scope = any(${scopes}::text[])`}
      ${after === null ? sql`` : sql`and (date_trunc('milliseconds', activated_at), scope, version) < (${after.activatedAt}::timestamptz, ${after.scope}, ${after.version})`}
    order by date_trunc('milliseconds', activated_at) desc, scope desc, version desc limit ${limit}`;
  return {
    policies: rows.map(({ activatedAt, ...row }) => ({ ...row, activatedAt: activatedAt.toISOString() })),
  };
}
