import { rm } from 'node:fs/promises';
import type { Names } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import { isPostgresOutage, type Sql } from '@sluice/postgres';
import { downloadAdvisories, type KnownVersion } from './download-advisories.ts';
import { announceAdvisories, importAdvisories } from './import-advisories.ts';

export interface RefreshOptions {
  sql: Sql;
  egress: Egress;
  /** OSV's name of it. */
  ecosystem: string;
  names: Names;
  url: string;
  /** Where the download is kept while it is read. */
  file: string;
  /** A set that was checked more recently is left alone. */
  intervalMs: number;
  signal: AbortSignal;
}

export interface RefreshOutcome {
  /** `fresh`: another replica did it, or is at it. */
  result: 'imported' | 'unchanged' | 'failed' | 'fresh';
  detail: string | null;
  /** Refreshes that failed in a row. */
  failures: number;
  /** When to look again, where that is known. */
  waitMs?: number;
}

/** How soon to look again while another replica is at it. */
const othersMs = 60_000;

/**
 * Brings one ecosystem's advisories up to date and records how that went, in its table and as a fact.
 * A failure of the source is a result: the set that was loaded before stays.
 * @throws errors of Postgres.
 */
export async function refreshAdvisories(options: RefreshOptions): Promise<RefreshOutcome> {
  const { sql, ecosystem } = options;
  const lock = `sluice advisory refresh ${ecosystem}`;
  // The lock is the transaction's: a lost connection ends both, and not the process.
  return (await sql.begin(async (tx) => {
    // A large set takes minutes to fetch and load, through other connections.
    await tx`set local idle_in_transaction_session_timeout = 0`;
    const [row] = await tx<
      { locked: boolean }[]
    >`select pg_try_advisory_xact_lock(hashtext(${lock})) as locked`;
    if (!row?.locked) return { result: 'fresh', detail: null, failures: 0, waitMs: othersMs };
    return await refreshHeld(options);
  })) as RefreshOutcome;
}

async function refreshHeld(options: RefreshOptions): Promise<RefreshOutcome> {
  const { sql, egress, ecosystem, names, url, file, intervalMs, signal } = options;
  const last = await lastRefresh(sql, ecosystem, url);
  const isRecent = last !== null && last.result !== 'failed' && last.ageMs < intervalMs;
  if (isRecent) return { result: 'fresh', detail: null, failures: 0, waitMs: intervalMs - last.ageMs };
  try {
    const known = last ?? { etag: null, lastModified: null };
    const downloaded = await downloadAdvisories(egress, url, file, known, signal);
    if (downloaded === null) {
      await record(options, { result: 'unchanged', detail: null, failures: 0 }, known, true);
      return { result: 'unchanged', detail: null, failures: 0 };
    }
    const [imported] = await importAdvisories(sql, file, { ecosystems: [names], sourceName: url });
    const result = imported?.result ?? 'unchanged';
    const junk =
      imported && imported.junkCount > 0 ? `${imported.junkCount} files are no OSV records.` : null;
    await record(options, { result, detail: junk, failures: 0 }, downloaded, false);
    return { result, detail: junk, failures: 0 };
  } catch (error) {
    signal.throwIfAborted();
    if (isPostgresOutage(error)) throw error;
    const failures = (last?.failures ?? 0) + 1;
    const outcome = { result: 'failed' as const, detail: (error as Error).message.slice(0, 500), failures };
    await record(options, outcome, last ?? { etag: null, lastModified: null }, true);
    return outcome;
  } finally {
    await rm(file, { force: true });
  }
}

type LastRefresh = KnownVersion & { result: string; failures: number; ageMs: number };

/** The last refresh from this address; null without one, or without a loaded set. */
async function lastRefresh(sql: Sql, ecosystem: string, url: string): Promise<LastRefresh | null> {
  const [row] = await sql<LastRefresh[]>`
    select etag, last_modified as "lastModified", result, failures,
      (extract(epoch from now() - checked_at) * 1000)::float8 as "ageMs"
    from advisory_refreshes r
    where ecosystem = ${ecosystem} and source = ${url}
      and (result = 'failed' or exists (select from advisory_sets s where s.ecosystem = r.ecosystem))`;
  return row ?? null;
}

async function record(
  { sql, ecosystem, url }: RefreshOptions,
  { result, detail, failures }: RefreshOutcome,
  { etag, lastModified }: KnownVersion,
  announces: boolean,
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`
      insert into advisory_refreshes (ecosystem, source, result, detail, failures, etag, last_modified, checked_at)
      values (${ecosystem}, ${url}, ${result}, ${detail}, ${failures}, ${etag}, ${lastModified}, now())
      on conflict (ecosystem) do update set
        source = excluded.source, result = excluded.result, detail = excluded.detail, failures = excluded.failures,
        etag = excluded.etag, last_modified = excluded.last_modified, checked_at = now()`;
    // An import announced itself, in its own transaction.
    if (announces && result !== 'fresh')
      await announceAdvisories(tx, { ecosystem, result, detail, source: url });
  });
}
