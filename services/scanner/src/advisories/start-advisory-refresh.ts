import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Names } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import { refreshAdvisories } from './refresh-advisories.ts';

/** OSV's public exports. Source: https://google.github.io/osv.dev/data/ */
export const defaultAdvisoriesUrl = 'https://osv-vulnerabilities.storage.googleapis.com/{ecosystem}/all.zip';

export interface AdvisoryRefreshOptions {
  sql: Sql;
  egress: Egress;
  /** With `{ecosystem}` in place of OSV's name of the ecosystem. */
  urlTemplate: string;
  ecosystems: readonly Names[];
  intervalMs: number;
  log: Pick<Logger, 'info' | 'warn'>;
  signal: AbortSignal;
  /** Called after each refresh: a fact waits in the outbox. */
  onFact: () => void;
}

/** The first wait after a failure; doubles up to the interval. */
const retryMinMs = 30_000;

/**
 * Keeps the advisories up to date in the background until the signal aborts. Of several replicas one refreshes at a
 * time, and the others find it done.
 * @returns resolves when it has ended; never rejects.
 */
export async function startAdvisoryRefresh(options: AdvisoryRefreshOptions): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-advisories-'));
  try {
    const known = options.ecosystems.flatMap((names) =>
      names.osvName === null ? [] : keepFresh(names.osvName, names, folder, options),
    );
    await Promise.all(known);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keepFresh(
  ecosystem: string,
  names: Names,
  folder: string,
  options: AdvisoryRefreshOptions,
): Promise<void> {
  const { signal, log, intervalMs } = options;
  const url = options.urlTemplate.replaceAll('{ecosystem}', ecosystem);
  const file = path.join(folder, `${ecosystem}.zip`);
  while (!signal.aborted) {
    let waitMs = intervalMs;
    try {
      const outcome = await refreshAdvisories({ ...options, ecosystem, names, url, file });
      if (outcome.result !== 'fresh') {
        options.onFact();
        log[outcome.result === 'failed' ? 'warn' : 'info']({ ecosystem, ...outcome }, 'advisories refreshed');
      }
      waitMs = outcome.waitMs ?? intervalMs;
      if (outcome.failures > 0) waitMs = Math.min(retryMinMs * 2 ** (outcome.failures - 1), intervalMs);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, ecosystem }, 'advisories cannot be refreshed; it is tried again');
      waitMs = Math.min(retryMinMs, intervalMs);
    }
    await pause(waitMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
