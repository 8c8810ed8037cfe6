import type { Sql } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { gatewayMigrations } from '../service.ts';
import * as advisorySets from './advisory-sets.ts';
import * as audit from './audit.ts';
import * as batches from './batches.ts';
import * as installs from './installs.ts';
import * as items from './items.ts';
import * as packages from './packages.ts';
import * as queuePositions from './queue-positions.ts';
import { refreshItems } from './refresh-items.ts';
import * as requests from './requests.ts';
import * as stats from './stats.ts';
import * as timeline from './timeline.ts';

const postgres = await testPostgres([
  ...gatewayMigrations,
  { schema: 'read', folder: new URL('../../../projector/migrations/', import.meta.url) },
]);
// Filling the tables is one statement, longer than a service's may be.
const read = postgres.connect('read', { statementTimeoutMs: 120_000 });
const scope = 'default';
/** Rows of a table that a query may read; lists are paged, and requests here have 100 items. */
const readMax = 2_500;

beforeAll(async () => {
  // 2,000 requests of 100 items over 50,000 package versions, each with six events. Little is open, and of what a
  // person may decide little is undecided: what is looked for is rare.
  await read.unsafe(`
    insert into requests (id, lane, requester, labels, format, item_count, entry_count, submitted_at, completed_at, position)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bulk', 'user' || n % 50, '{}', 'f', 100, 100,
      now() - n * interval '1 minute', case when n % 100 > 0 then now() end, n * 15
    from generate_series(1, 20000) n;
    update requests set batch_id = ('00000000-0000-7000-8000-' || lpad((position / 15 % 1000)::text, 12, '0'))::uuid;
    insert into request_items (request_id, ordinal, purl, name, version, paths, path_count, flags, notes, outcome, ended_at)
    select ('00000000-0000-7000-8000-' || lpad(r::text, 12, '0'))::uuid, i, 'pkg:npm/p' || (r * 37 + i * 101) % 50000 || '@1.0.0',
      'p', '1.0.0', '["node_modules/p"]', 1, '{"dev":false,"optional":false,"bundled":false,"direct":true}', '[]',
      case i % 4 when 0 then 'approve' when 1 then 'review' when 2 then 'reject' end, now()
    from generate_series(1, 2000) r, generate_series(0, 99) i;
    insert into packages (purl, state, stage, stage_position, attempt, lane, position)
    select 'pkg:npm/p' || n || '@1.0.0', case when n % 50 = 0 then 'running' when n % 500 = 1 then 'failed' else 'assessed' end,
      case when n % 50 = 0 then 'scan' end, case when n % 50 = 0 then n end, 1, 'bulk', n
    from generate_series(0, 49999) n;
    insert into package_scopes (purl, verdict, outcome, decision_state)
    select 'pkg:npm/p' || n || '@1.0.0',
      jsonb_build_object('outcome', 'approve', 'reasons', jsonb_build_array(jsonb_build_object('code', 'c', 'outcome', 'approve', 'message', repeat('m', 200)))),
      case n % 10 when 0 then 'review' when 1 then 'reject' else 'approve' end,
      case when n % 1000 > 0 then case when n % 10 = 1 then 'rejected' else 'approved' end end
    from generate_series(0, 49999) n;
    insert into package_evidence (purl, license) select purl, '{}' from packages;
    insert into timeline (position, event_id, sequence, subject, type, at, data)
    select n, gen_random_uuid(), n, 'pkg:npm/p' || n % 50000 || '@1.0.0', 'pkg.requested', now(), '{}'
    from generate_series(1, 300000) n;
    insert into audit (position, event_id, at, actor, action, subject, outcome, detail, service, hash)
    select n, gen_random_uuid(), now(), 'user' || n % 500, 'approve', 'pkg:npm/p' || n, 'done', '{}', 'aggregator', 'h'
    from generate_series(1, 100000) n;
    insert into installs (purl, scope, principal_id, principal, client, first_at, last_at)
    select 'pkg:npm/p' || n / 10 || '@1.0.0', 'default', 'service:user' || n % 500, 'user' || n % 500, 'npm/10', now(), now() - n * interval '1 second'
    from generate_series(1, 100000) n;
    insert into batches (id, lane, scope, requester, labels, platforms, submitted_at, opened_at, completed_at, failure, position)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bulk', 'default', 'user' || n % 50, '{}', '[]',
      now() - n * interval '1 minute', now(), case when n % 100 > 0 then now() end, case when n % 100 = 50 then '{"code":"c"}'::jsonb end, n
    from generate_series(1, 5000) n;
    update batches set project_id = ('00000000-0000-7000-9000-' || lpad((position % 100)::text, 12, '0'))::uuid where position % 2 = 0;
    insert into batch_files (batch_id, ordinal, path, result, request_id)
    select id, n, 'f' || n, 'request', gen_random_uuid() from batches cross join generate_series(0, 19) n`);
  await read.unsafe(`
    insert into gateway.submissions (id, fingerprint, lane, requester, labels, format, item_count, entry_count, submitted_at)
    select id, 'f', lane, requester, labels, format, item_count, entry_count, submitted_at from requests`);
  await read.unsafe(`
    insert into gateway.batches (id, fingerprint, lane, scope, requester, labels, platforms, upload, submitted_at)
    select id, 'f', lane, scope, requester, labels, platforms, '{}', submitted_at from batches`);
  await read.unsafe('vacuum analyze gateway.batches');
  await read.unsafe('vacuum analyze batches');
  await read.unsafe('vacuum analyze batch_files');
  await read.unsafe('vacuum analyze gateway.submissions');
  await read.unsafe('vacuum analyze requests');
  await read.unsafe('vacuum analyze request_items');
  await read.unsafe('vacuum analyze packages');
  await read.unsafe('vacuum analyze package_scopes');
  await read.unsafe('vacuum analyze package_evidence');
  await read.unsafe('vacuum analyze timeline');
  await read.unsafe('vacuum analyze audit');
  await read.unsafe('vacuum analyze installs');
}, 120_000);

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}
interface Plan {
  statement: string;
  /** As it ran. */
  ran: PlanNode;
  /** As it runs once it was prepared and the plan is kept for all parameters. */
  kept: PlanNode;
}

/** A connection that explains what it is asked, besides answering it. */
function explaining(): { sql: Sql; plans: Promise<Plan>[] } {
  const plans: Promise<Plan>[] = [];
  const isStatement = (strings: TemplateStringsArray) => /^\s*(?:select|with)\b/.test(strings[0] ?? '');
  const sql = new Proxy(read, {
    apply(target, _, [strings, ...values]: [TemplateStringsArray, ...unknown[]]) {
      const ask = target as unknown as (...all: unknown[]) => ReturnType<Sql>;
      if (Array.isArray(strings.raw) && isStatement(strings)) plans.push(explain(ask, strings, values));
      return ask(strings, ...values);
    },
  });
  return { sql, plans };
}

async function explain(
  ask: (...all: unknown[]) => ReturnType<Sql>,
  strings: TemplateStringsArray,
  values: unknown[],
): Promise<Plan> {
  const begin = 'explain (analyze, format json) ';
  const analyzing = Object.assign([begin + strings[0], ...strings.slice(1)], {
    raw: [begin + strings.raw[0], ...strings.raw.slice(1)],
  });
  const { string: statement } = await ask(strings, ...values).describe();
  const kept = await read.unsafe(`explain (generic_plan, format json) ${statement}`).simple();
  return { statement, ran: planOf(await ask(analyzing, ...values)), kept: planOf(kept) };
}

const planOf = ([row]: readonly unknown[]) =>
  (row as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan;
const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

async function largeTables(): Promise<Set<string>> {
  const rows = await read<{ name: string }[]>`
    select relname as name from pg_class where relnamespace in ('read'::regnamespace, 'gateway'::regnamespace) and relkind = 'r' and reltuples > ${readMax}`;
  return new Set(rows.map(({ name }) => name));
}

/** What a plan does that takes the longer, the more there is. */
function faultsOf({ ran, kept }: Plan, large: Set<string>): string[] {
  const whole = [ran, kept]
    .flatMap(flatten)
    .filter((node) => node['Node Type'] === 'Seq Scan' && large.has(node['Relation Name'] ?? ''))
    .map((node) => `all of ${node['Relation Name']}`);
  const sorted = flatten(ran)
    .filter((node) => node['Node Type'] === 'Sort' && (node['Actual Rows'] ?? 0) > readMax)
    .map((node) => `sorts ${node['Actual Rows']} rows`);
  const rowsRead = flatten(ran)
    .filter((node) => node['Relation Name'] !== undefined)
    .map((node) => {
      const { 'Actual Rows': rows = 0, 'Actual Loops': loops = 1 } = node;
      const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      return (rows + removed) * loops;
    })
    .reduce((sum, each) => sum + each, 0);
  return [...whole, ...sorted, ...(rowsRead > readMax ? [`reads ${rowsRead} rows`] : [])];
}

const request = '00000000-0000-7000-8000-000000000100';
const purl = 'pkg:npm/p7@1.0.0';
const page = { limit: 51, scopes: null };
const moment: [string, string] = ['2026-03-01T09:30:00.000Z', request];
const { listRequests } = requests;
const { listItems } = items;
const { listPackages } = packages;
const front = { stage: 'scan', lane: 'bulk', deliveredSequence: 0 } as const;
const waiting = { purl, stage: 'scan', lane: 'bulk', stagePosition: 40_000, wasTried: false } as const;

const batch = '00000000-0000-7000-8000-000000000007';
const project = '00000000-0000-7000-9000-000000000010';
const { listBatches } = batches;

const queries: [string, (sql: Sql) => Promise<unknown>][] = [
  ['requests', (sql) => listRequests(sql, { ...page, after: null })],
  ['requests from a place on', (sql) => listRequests(sql, { ...page, after: moment })],
  ['open requests', (sql) => listRequests(sql, { ...page, state: 'open', after: null })],
  ['queued requests', (sql) => listRequests(sql, { ...page, state: 'queued', after: null })],
  ['cancelled requests', (sql) => listRequests(sql, { ...page, state: 'cancelled', after: moment })],
  ['failed requests', (sql) => listRequests(sql, { ...page, state: 'failed', after: null })],
  ['completed requests', (sql) => listRequests(sql, { ...page, state: 'completed', after: moment })],
  ['requests of a batch', (sql) => requests.requestsOfBatch(sql, batch)],
  ['requests of a batch from a place on', (sql) => listRequests(sql, { ...page, batch, after: moment })],
  ['batches', (sql) => listBatches(sql, { ...page, after: null })],
  ['queued batches', (sql) => listBatches(sql, { ...page, state: 'queued', after: null })],
  ['open batches', (sql) => listBatches(sql, { ...page, state: 'open', after: moment })],
  ['failed batches', (sql) => listBatches(sql, { ...page, state: 'failed', after: null })],
  ['what is open now', (sql) => stats.readRunning(sql)],
  ['batches of somebody', (sql) => listBatches(sql, { ...page, requester: 'user7', after: moment })],
  ['batches of a project', (sql) => listBatches(sql, { ...page, project, after: moment })],
  ['package versions of a refresh', (sql) => refreshItems(sql, batch)],
  ['one batch', (sql) => batches.findBatch(sql, batch)],
  ['the scope of a batch', (sql) => batches.findBatchScope({ read: sql, own: sql }, batch)],
  ['how far a batch is', (sql) => batches.batchProgress(sql, batch)],
  ['which requests a batch has', (sql) => batches.batchRequestIds(sql, batch)],
  ['files of a batch', (sql) => batches.listBatchFiles(sql, batch, { limit: 101, afterOrdinal: 50 })],
  ['the audit', (sql) => audit.listAudit(sql, {}, { order: 'newest', place: null, limit: 101 })],
  ['the audit from a place on', (sql) => audit.listAudit(sql, {}, { order: 'oldest', place: 5, limit: 101 })],
  [
    'acts of somebody',
    (sql) => audit.listAudit(sql, { actor: 'user7' }, { order: 'newest', place: 9e15, limit: 101 }),
  ],
  ['installs', (sql) => installs.listInstalls(sql, { scopes: null, limit: 101, after: null })],
  [
    'who installed a package version',
    (sql) =>
      installs.listInstalls(sql, { purl, scopes: [scope], limit: 101, after: [moment[0], purl, scope, 'a'] }),
  ],
  [
    'what somebody installed',
    (sql) => installs.listInstalls(sql, { principal: 'user7', scopes: null, limit: 101, after: null }),
  ],
  ['requests of some scopes', (sql) => listRequests(sql, { ...page, scopes: [scope], after: moment })],
  ['the scope of a request', (sql) => requests.findScope({ read: sql, own: sql }, request)],
  ['requests of somebody', (sql) => listRequests(sql, { ...page, requester: 'user7', after: moment })],
  ['one request', (sql) => requests.findRequest(sql, request)],
  ['what is open in a request', (sql) => requests.openItemStates(sql, request)],
  ['what ended lately', (sql) => requests.recentlyEnded(sql, request)],
  ['reasons in a request', (sql) => requests.reasonCounts(sql, request)],
  ['items', (sql) => listItems(sql, request, scope, { limit: 101, afterOrdinal: null })],
  ['items from a place on', (sql) => listItems(sql, request, scope, { limit: 101, afterOrdinal: 50 })],
  [
    'rejected items',
    (sql) => listItems(sql, request, scope, { limit: 101, afterOrdinal: 5, outcome: 'reject' }),
  ],
  [
    'items in a stage',
    (sql) => listItems(sql, request, scope, { limit: 101, afterOrdinal: 5, state: 'scan' }),
  ],
  ['open items', (sql) => listItems(sql, request, scope, { limit: 101, afterOrdinal: 5, state: 'open' })],
  ['package versions', (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null })],
  ['package versions from a place on', (sql) => listPackages(sql, { scope, limit: 101, afterPurl: purl })],
  [
    'what waits for a person',
    (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null, outcome: 'review', decision: 'none' }),
  ],
  ['what is undecided', (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null, decision: 'none' })],
  [
    'what was decided until now',
    (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null, decision: 'ended' }),
  ],
  [
    'what is approved',
    (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null, decision: 'approved' }),
  ],
  [
    'what has a verdict',
    (sql) => listPackages(sql, { scope, limit: 101, afterPurl: purl, outcome: 'reject' }),
  ],
  ['what runs', (sql) => listPackages(sql, { scope, limit: 101, afterPurl: purl, state: 'running' })],
  ['what failed', (sql) => listPackages(sql, { scope, limit: 101, afterPurl: null, state: 'failed' })],
  ['one package version', (sql) => packages.findPackage(sql, purl, scope)],
  ['a place in a queue', (sql) => queuePositions.queuePositions(sql, [front], [waiting])],
  ['how much there is of everything', (sql) => stats.readStats(sql, scope)],
  ['the advisories', (sql) => advisorySets.listAdvisorySets(sql)],
  ['a timeline', (sql) => timeline.timelineOf(sql, purl, 200)],
  ['failed tries', (sql) => timeline.failedTriesOf(sql, purl, 200)],
  ['what stages gave lately', (sql) => timeline.stageResults(sql, 299_990, 300_000, 60)],
  ['the newest event', (sql) => timeline.newestPosition(sql)],
  ['where a batch begins', (sql) => timeline.firstBatchPosition(sql, batch)],
  ['where a request begins', (sql) => timeline.firstPosition(sql, request)],
  ['events of a request, from its beginning', (sql) => timeline.requestEvents(sql, [request], 100, 500)],
  ['events of a request, the newest', (sql) => timeline.requestEvents(sql, [request], 299_990, 500)],
];

describe('with hundreds of thousands of rows, no query reads more than it shows:', () => {
  it.each(queries)('%s', async (_, query) => {
    const { sql, plans } = explaining();
    await query(sql);
    expect(plans.length).toBeGreaterThan(0);
    const large = await largeTables();
    expect(large.size).toBe(11);
    for (const plan of await Promise.all(plans)) expect(faultsOf(plan, large), plan.statement).toEqual([]);
  });

  it('is told of every query that there is', () => {
    const called = queries.map(([, query]) => query.toString()).join('\n');
    // Not over the read models: the gateway's own table, by its key; and a part of other queries.
    const others = ['findSubmission', 'findAcceptedBatch', 'openState', 'shownEntry'];
    const functions = [
      advisorySets,
      audit,
      batches,
      installs,
      items,
      packages,
      queuePositions,
      requests,
      stats,
      timeline,
    ]
      .flatMap((module) => Object.entries(module))
      .filter(([name, value]) => typeof value === 'function' && !others.includes(name))
      .map(([name]) => name);
    expect(functions.filter((name) => !called.includes(name))).toEqual([]);
  });
});

it('the events of a request come all and in order, near each other and far apart', async () => {
  // Among what is about other package versions, and many of its own at once.
  await read`
    insert into timeline (position, event_id, sequence, subject, type, at, data)
    select 300000 + n, gen_random_uuid(), n, case when n % 3 > 0 then ${request}::text else ${purl}::text end, 'x', now(), '{}'
    from generate_series(1, 400) n`;
  const all = await read<{ position: number }[]>`
    select position from timeline
    where subject = ${request} or subject in (select purl from request_items where request_id = ${request}) order by 1`;
  const seen: number[] = [];
  for (let after = 0; ; after = seen.at(-1)!) {
    const events = await timeline.requestEvents(read, [request], after, 50);
    seen.push(...events.map(({ position }) => position));
    if (events.length < 50) break;
  }
  expect(seen).toEqual(all.map(({ position }) => position));
});
