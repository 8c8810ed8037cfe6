import type { Sql } from '@sluice/postgres';
import { testPostgres } from '@sluice/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { listItems } from './items.ts';
import { findPackage, listPackages } from './packages.ts';
import { findRequest, listRequests, openItemStates, reasonCounts, recentlyEnded } from './requests.ts';
import { failedTriesOf, newestPosition, requestEvents, stageResults, timelineOf } from './timeline.ts';

const postgres = await testPostgres([
  { schema: 'read', folder: new URL('../../../projector/migrations/', import.meta.url) },
]);
const read = postgres.connect('read');
const request = '00000000-0000-7000-8000-000000000100';
/** Below this a table is read faster as a whole than by an index. */
const smallRows = 1_000;

beforeAll(async () => {
  // 400 requests of 100 items over 20,000 package versions, each with five events.
  await read.unsafe(`
    insert into requests (id, lane, requester, labels, format, item_count, entry_count, submitted_at, completed_at, position)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bulk', 'user' || n % 50, '{}', 'f', 100, 100,
      now() - n * interval '1 minute', case when n % 20 > 0 then now() end, n * 100
    from generate_series(1, 20000) n;
    insert into request_items (request_id, ordinal, purl, name, version, paths, path_count, flags, notes, outcome, ended_at)
    select ('00000000-0000-7000-8000-' || lpad(r::text, 12, '0'))::uuid, i, 'pkg:npm/p' || (r * 37 + i * 101) % 20000 || '@1.0.0',
      'p', '1.0.0', '["node_modules/p"]', 1, '{"dev":false,"optional":false,"bundled":false,"direct":true}', '[]',
      case i % 4 when 0 then 'approve' when 1 then 'review' when 2 then 'reject' end, now()
    from generate_series(1, 400) r, generate_series(0, 99) i;
    insert into packages (purl, state, stage, attempt, lane, verdict, outcome, decision_state, position)
    select 'pkg:npm/p' || n || '@1.0.0', case when n % 50 = 0 then 'running' else 'assessed' end,
      case when n % 50 = 0 then 'scan' end, 1, 'bulk',
      jsonb_build_object('outcome', 'approve', 'reasons', jsonb_build_array(jsonb_build_object('code', 'c', 'outcome', 'approve', 'message', repeat('m', 200)))),
      case n % 10 when 0 then 'review' when 1 then 'reject' else 'approve' end,
      case when n % 10 > 1 then 'approved' end, n
    from generate_series(0, 19999) n;
    insert into package_evidence (purl, license) select purl, '{}' from packages;
    insert into timeline (position, event_id, sequence, subject, type, at, data)
    select n, gen_random_uuid(), n, 'pkg:npm/p' || n % 20000 || '@1.0.0', 'pkg.requested', now(), '{}'
    from generate_series(1, 100000) n`);
  await read.unsafe('analyze requests, request_items, packages, package_evidence, timeline');
}, 60_000);

/** A connection that explains what it is asked instead of answering it. */
function explaining(): { sql: Sql; plans: Promise<unknown>[] } {
  const plans: Promise<unknown>[] = [];
  const isStatement = (strings: TemplateStringsArray) => /^\s*(?:select|with)\b/.test(strings[0] ?? '');
  const sql = new Proxy(read, {
    apply(target, _, [strings, ...values]: [TemplateStringsArray, ...unknown[]]) {
      const ask = target as unknown as (...all: unknown[]) => Promise<unknown[]>;
      if (!Array.isArray(strings.raw) || !isStatement(strings)) return ask(strings, ...values);
      const explained = Object.assign([`explain (format json) ${strings[0]}`, ...strings.slice(1)], {
        raw: [`explain (format json) ${strings.raw[0]}`, ...strings.raw.slice(1)],
      });
      plans.push(ask(explained, ...values).then(([row]) => (row as Record<string, unknown>)['QUERY PLAN']));
      return Promise.resolve([]);
    },
  });
  return { sql, plans };
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}
const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

async function scannedWhole(query: (sql: Sql) => Promise<unknown>): Promise<string[]> {
  const { sql, plans } = explaining();
  await query(sql);
  expect(plans).toHaveLength(1);
  const [{ Plan: plan }] = (await plans[0]) as [{ Plan: PlanNode }];
  const sizes = await read<{ name: string; rows: number }[]>`
    select relname as name, reltuples::int as rows from pg_class where relnamespace = 'read'::regnamespace`;
  const large = new Set(sizes.filter(({ rows }) => rows > smallRows).map(({ name }) => name));
  expect(large.size).toBeGreaterThanOrEqual(5);
  return flatten(plan)
    .filter((node) => node['Node Type'] === 'Seq Scan' && large.has(node['Relation Name'] ?? ''))
    .map((node) => node['Relation Name']!);
}

const page = { limit: 51 };
const moment: [string, string] = ['2026-03-01T09:30:00.000Z', request];
const queries: [string, (sql: Sql) => Promise<unknown>][] = [
  ['requests', (sql) => listRequests(sql, { ...page, after: null })],
  ['requests from a place on', (sql) => listRequests(sql, { ...page, after: moment })],
  ['open requests', (sql) => listRequests(sql, { ...page, state: 'open', after: null })],
  ['completed requests', (sql) => listRequests(sql, { ...page, state: 'completed', after: moment })],
  ['requests of somebody', (sql) => listRequests(sql, { ...page, requester: 'user7', after: moment })],
  ['one request', (sql) => findRequest(sql, request)],
  ['what is open in a request', (sql) => openItemStates(sql, request)],
  ['what ended lately', (sql) => recentlyEnded(sql, request)],
  ['reasons in a request', (sql) => reasonCounts(sql, request)],
  ['items', (sql) => listItems(sql, request, { limit: 101, afterOrdinal: null })],
  ['items from a place on', (sql) => listItems(sql, request, { limit: 101, afterOrdinal: 50 })],
  ['rejected items', (sql) => listItems(sql, request, { limit: 101, afterOrdinal: 5, outcome: 'reject' })],
  ['open items', (sql) => listItems(sql, request, { limit: 101, afterOrdinal: 5, state: 'open' })],
  ['package versions', (sql) => listPackages(sql, { limit: 101, afterPurl: null })],
  [
    'package versions from a place on',
    (sql) => listPackages(sql, { limit: 101, afterPurl: 'pkg:npm/p5@1.0.0' }),
  ],
  [
    'what waits for a person',
    (sql) => listPackages(sql, { limit: 101, afterPurl: null, outcome: 'review', decision: 'none' }),
  ],
  ['what is approved', (sql) => listPackages(sql, { limit: 101, afterPurl: null, decision: 'approved' })],
  ['what runs', (sql) => listPackages(sql, { limit: 101, afterPurl: 'pkg:npm/p5@1.0.0', state: 'running' })],
  ['one package version', (sql) => findPackage(sql, 'pkg:npm/p7@1.0.0')],
  ['a timeline', (sql) => timelineOf(sql, 'pkg:npm/p7@1.0.0', 200)],
  ['failed tries', (sql) => failedTriesOf(sql, 'pkg:npm/p7@1.0.0', 200)],
  ['what stages gave lately', (sql) => stageResults(sql, 99_990, 100_000, 60)],
  ['the newest event', (sql) => newestPosition(sql)],
  ['events of a request, from its beginning', (sql) => requestEvents(sql, request, 100, 500)],
  ['events of a request, the newest', (sql) => requestEvents(sql, request, 99_990, 500)],
];

describe('with tens of thousands of rows, no list reads a whole table:', () => {
  it.each(queries)('%s', async (_, query) => {
    expect(await scannedWhole(query)).toEqual([]);
  });
});
