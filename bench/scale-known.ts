import type { Sql } from '@sluice/postgres';
import { median, type BenchContext, type Result } from './bench.ts';
import { throughput, usualRequest } from './load.ts';
import { cpuMsBetween, sumOf, usageByName } from './process-usage.ts';
import { startSluice, type Sluice } from './start-sluice.ts';

/** The cost of a package after this many others were assessed, with all their rows and events. */
export async function scaleKnown({ quick, turns, natsServer, say }: BenchContext): Promise<Result[]> {
  const results: Result[] = [];
  const packages = quick ? 500 : 2_500;
  const sluice = await startSluice({ natsServer });
  try {
    // Compiled code, so that the first figure is not the one with the fewest known packages for other reasons.
    await throughput(sluice, quick ? packages : 4 * packages, usualRequest);
    let known = 0;
    for (const wanted of quick ? [1_000, 5_000] : [1_000, 10_000, 100_000, 300_000]) {
      await addKnown(sluice.sql, known, wanted);
      known = wanted;
      const costs: number[] = [];
      for (let turn = 0; turn < Math.max(2, turns); turn += 1) costs.push(await costOf(sluice, packages));
      const what = `${wanted.toLocaleString('en')} known: processor time a package`;
      say(`  ${what}: ${Math.round(median(costs))} µs`);
      results.push({ what, samples: costs, unit: ' µs' });
    }
  } finally {
    await sluice.stop();
  }
  return results;
}

/** Processor time of all services and servers, in microseconds a package. */
async function costOf(sluice: Sluice, packages: number): Promise<number> {
  const processes = await sluice.processes();
  const before = await usageByName(processes);
  await throughput(sluice, packages, usualRequest);
  const cpuMs = cpuMsBetween(before, await usageByName(processes));
  return (1_000 * sumOf(cpuMs.values())) / packages;
}

/** Rows of package versions as they are when their assessments ended, in one request for each thousand. */
async function addKnown(sql: Sql, from: number, to: number): Promise<void> {
  const numbers = `generate_series(${from}, ${to - 1}) as n`;
  const purl = `'pkg:npm/known-' || n || '@1.0.0'`;
  const request = `('00000000-0000-7000-8000-' || lpad((n / 1000)::text, 12, '0'))::uuid`;
  const document = `jsonb_build_object('status', 'verified', 'text', repeat('x', 300), 'n', n)`;
  const verdict = `jsonb_build_object('outcome', 'approve', 'reasons', '[]'::jsonb, 'n', n)`;
  await sql.begin(async (tx) => {
    await tx`set local statement_timeout = 0`;
    // Rows that are right need no look at each other, and indexes are made faster of all rows than row by row.
    await tx`set local session_replication_role = replica`;
    const indexes = await tx<{ drop: string; create: string }[]>`
      select format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as create
      from pg_index i join pg_class t on t.oid = i.indrelid left join pg_constraint c on c.conindid = i.indexrelid
      where t.relnamespace = any('{aggregator,read}'::regnamespace[]) and c.oid is null`;
    for (const { drop } of indexes) await tx.unsafe(drop);
    await tx.unsafe(`
      create temp table known on commit drop as select n, gen_random_uuid() as id from ${numbers};
      set local search_path = aggregator;
      insert into requests (id, lane, requester, state, item_count, open_items, submitted_at, completed_at)
      select distinct ${request}, 'bulk', 'known', 'completed', 1000, 0, now(), now() from pg_temp.known
      on conflict do nothing;
      insert into items (request_id, ordinal, purl, outcome, assessment_id, ended_at)
      select ${request}, n % 1000, ${purl}, 'approve', id, now() from pg_temp.known;
      insert into assessments (id, purl, lane, state, stage, license, download, scan, traceparent, requested_at, deadline_at, ended_at)
      select id, ${purl}, 'bulk', 'assessed', 'scan', ${document}, ${document}, ${document}, 't', now(), now(), now() from pg_temp.known;
      insert into verdicts (assessment_id, verdict) select id, ${verdict} from pg_temp.known;
      insert into packages (purl, assessment_id) select ${purl}, id from pg_temp.known;
      insert into outbox (event_id, subject, payload, headers)
      select gen_random_uuid(), 'pkg.assessed.bulk', repeat('p', 700), '{}' from pg_temp.known, generate_series(1, 3);
      insert into inbox (consumer, event_id) select 'known', gen_random_uuid() from pg_temp.known, generate_series(1, 3);
      set local search_path = read;
      insert into requests (id, lane, requester, labels, format, item_count, entry_count, ended_items, submitted_at, completed_at, position)
      select distinct ${request}, 'bulk', 'known', '{}'::jsonb, 'list', 1000, 1000, 1000, now(), now(), 0 from pg_temp.known
      on conflict do nothing;
      insert into request_items (request_id, ordinal, purl, name, version, paths, path_count, flags, notes, outcome, ended_at)
      select ${request}, n % 1000, ${purl}, 'known', '1.0.0', '[]', 1, '{}', '[]', 'approve', now() from pg_temp.known;
      insert into packages (purl, state, attempt, lane, position, assessment_id)
      select ${purl}, 'assessed', 1, 'bulk', 0, id from pg_temp.known;
      insert into package_scopes (purl, verdict, outcome) select ${purl}, ${verdict}, 'approve' from pg_temp.known;
      insert into package_evidence (purl, license, download, scan) select ${purl}, ${document}, ${document}, ${document} from pg_temp.known;
      insert into timeline (position, event_id, sequence, subject, type, at, data)
      select -(n * 6 + e), gen_random_uuid(), 0, ${purl}, 'pkg.requested', now(), '{"lane":"bulk","attempt":1}'
      from pg_temp.known, generate_series(0, 5) as e;`);
    for (const { create } of indexes) await tx.unsafe(create);
  });
  for (const schema of ['aggregator', 'read']) {
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = ${schema}`;
    for (const { name } of tables) await sql.unsafe(`vacuum analyze ${name}`);
  }
  await sql`checkpoint`;
}
