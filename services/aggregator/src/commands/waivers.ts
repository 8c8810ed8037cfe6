import {
  PermanentError,
  parsePurl,
  formatPurl,
  requireScope,
  waiverDaysMax,
  type CreateWaiverInput,
  type EndWaiverInput,
  type ListWaiversInput,
  type ListWaiversOutput,
  type Waiver,
  type WaiverOutput,
} from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import { canonicalPurl, names } from '@sluice/ecosystems/names';
import { approversForCode, isWaivable, readVersionRange, type Policy } from '@sluice/policy';
import type { Sql, Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { wakePackages } from '../packages/wake-packages.ts';
import { transact } from '../transact.ts';
import { refuseRequester } from './refuse-requester.ts';

/**
 * Waives reasons of a package in a scope until a time, and judges its versions in use anew.
 * One person makes it, so that it cannot stand in for two, nor for somebody else than the requester, where the policy wants them.
 * @throws PermanentError `input.invalid`, `scope.unknown`, `waiver.not-possible`, `waiver.needs-second`, `decision.self`,
 *   `idempotency.mismatch`.
 */
export async function createWaiver(input: CreateWaiverInput, deps: AggregatorDeps): Promise<WaiverOutput> {
  const { id, scope, codes, advisories, until, reason, by, range } = input;
  requireScope(scope, deps.scopes);
  const now = deps.now();
  const name = readPackage(input);
  const policy = deps.scopes.get(scope)!;
  requireWaivable(codes, policy);
  requireEnd(until, now);
  const waiver = await transact(deps, 'command create waiver', async (tx) => {
    const inserted = await tx`
      insert into waivers (id, scope, package, range, codes, advisories, until, reason, by_name, created_at)
      values (${id}, ${scope}, ${name}, ${range}, ${codes}::text[], ${advisories}::text[], ${until}, ${reason}, ${by}, ${now})
      on conflict (id) do nothing returning id`;
    const made = await readWaiver(tx, id);
    if (inserted.length === 0) return requireSame(made!, { ...input, package: name });
    await refuseRequester(tx, { package: name }, input, policy);
    await wakeNamed(tx, scope, name, now);
    const detail = { scope, id, range, codes, advisories, until, reason };
    await recordAudit(tx, 'aggregator', { actor: by, action: 'waive', subject: name, detail });
    return made!;
  });
  return { waiver, judged: await wakePackages(deps) };
}

/**
 * Ends a waiver before its time, and judges the package's versions in use anew.
 * @throws PermanentError `waiver.not-found`, `waiver.ended`.
 */
export async function endWaiver(
  { id, scopes, reason, by }: EndWaiverInput,
  deps: AggregatorDeps,
): Promise<WaiverOutput> {
  const now = deps.now();
  const waiver = await transact(deps, 'command end waiver', async (tx) => {
    await tx`select from waivers where id = ${id} for update`;
    const found = await readWaiver(tx, id);
    if (!found || (scopes !== null && !scopes.includes(found.scope)))
      throw new PermanentError('waiver.not-found', `No waiver has the id ${id}.`);
    if (found.ended !== null || new Date(found.until) <= now)
      throw new PermanentError('waiver.ended', `It ended at ${found.ended?.at ?? found.until}.`);
    const ended = { by, at: now.toISOString(), reason };
    await tx`update waivers set ended = ${JSON.stringify(ended)}::text::json where id = ${id}`;
    await wakeNamed(tx, found.scope, found.package, now);
    const detail = { scope: found.scope, id, reason };
    await recordAudit(tx, 'aggregator', { actor: by, action: 'end-waiver', subject: found.package, detail });
    return { ...found, ended };
  });
  return { waiver, judged: await wakePackages(deps) };
}

/** Waivers, newest first. */
export async function listWaivers(
  { scopes, package: name, state, limit, after }: ListWaiversInput,
  { sql, now }: Pick<AggregatorDeps, 'sql' | 'now'>,
): Promise<ListWaiversOutput> {
  const holds = sql`(ended is null and until > ${now()})`;
  const rows = await sql<WaiverRow[]>`
    select ${sql.unsafe(waiverColumns)} from waivers
    where ${scopes === null ? sql`true` : sql`scope = any(${scopes}::text[])`}
      ${name === null ? sql`` : sql`and package = ${name}`}
      ${state === null ? sql`` : state === 'holding' ? sql`and ${holds}` : sql`and not ${holds}`}
      ${after === null ? sql`` : sql`and (date_trunc('milliseconds', created_at), id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`}
    order by date_trunc('milliseconds', created_at) desc, id desc limit ${limit}`;
  return { waivers: rows.map(shown) };
}

type WaiverRow = Omit<Waiver, 'until' | 'createdAt'> & { until: Date; createdAt: Date };

const waiverColumns = `
  id, scope, package, range, codes, advisories, until, reason, by_name as by, created_at as "createdAt", ended`;

const shown = ({ until, createdAt, ...row }: WaiverRow): Waiver => ({
  ...row,
  until: until.toISOString(),
  createdAt: createdAt.toISOString(),
});

async function readWaiver(sql: Sql | Tx, id: string): Promise<Waiver | null> {
  const [row] = await sql<WaiverRow[]>`
    select ${sql.unsafe(waiverColumns)} from waivers where id = ${id}`;
  return row ? shown(row) : null;
}

/** Sent again with the same id, it is the same waiver; another one is refused. */
function requireSame(waiver: Waiver, input: CreateWaiverInput): Waiver {
  const isSame =
    waiver.scope === input.scope &&
    waiver.package === input.package &&
    waiver.range === input.range &&
    Date.parse(waiver.until) === Date.parse(input.until) &&
    JSON.stringify([waiver.codes, waiver.advisories]) === JSON.stringify([input.codes, input.advisories]);
  if (isSame) return waiver;
  throw new PermanentError('idempotency.mismatch', `The key was used for another waiver, ${waiver.id}.`);
}

/** The versions of the package in the scope are judged again by `wakePackages`. */
async function wakeNamed(tx: Tx, scope: string, name: string, now: Date): Promise<void> {
  await tx`
    update packages set wake_at = ${now}
    where scope = ${scope} and regexp_replace(purl, '@[^@]*$', '') = ${name} and assessment_id is not null`;
}

/** The package as versions of it are named; its range has to be one of its ecosystem. */
function readPackage({ package: text, range }: Pick<CreateWaiverInput, 'package' | 'range'>): string {
  // Any version: only the name is of interest.
  const { type, name } = parsePurl(canonicalPurl(`${text}@0`));
  const rules = names.find((one) => one.type === type);
  if (!rules || !rules.isName(name))
    throw new PermanentError('input.invalid', `"${text}" is no package. Write a purl without version.`);
  if (range !== null) readVersionRange(range, rules);
  return formatPurl({ type, name, version: '' }).slice(0, -1);
}

function requireWaivable(codes: readonly string[], policy: Policy): void {
  const unknown = codes.filter((code) => !isWaivable(code));
  if (unknown.length > 0)
    throw new PermanentError(
      'waiver.not-possible',
      `${unknown.join(', ')}: no reason of a verdict has this code.`,
    );
  const fixed = codes.filter((code) => policy.approval.noOverride.includes(code));
  if (fixed.length > 0)
    throw new PermanentError('waiver.not-possible', `The policy lets nobody override ${fixed.join(', ')}.`);
  const ofTwo = codes.filter((code) => approversForCode(code, policy) === 2);
  if (ofTwo.length > 0)
    throw new PermanentError('waiver.needs-second', `The policy wants two people for ${ofTwo.join(', ')}.`);
}

function requireEnd(until: string, now: Date): void {
  const end = new Date(until);
  const last = new Date(now.getTime() + waiverDaysMax * 24 * 3_600_000);
  if (end <= now) throw new PermanentError('waiver.not-possible', `until: ${until} has passed.`);
  if (end > last)
    throw new PermanentError(
      'waiver.not-possible',
      `until: a waiver lasts ${waiverDaysMax} days at most, so until ${last.toISOString()}.`,
    );
}
