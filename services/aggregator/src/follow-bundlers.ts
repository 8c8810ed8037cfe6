import type { Lane } from '@sluice/contracts';
import { columnsOf, type OutboxMessage, type Tx } from '@sluice/postgres';
import { assessAll, wantIn } from './assess-packages.ts';
import type { Failed } from './assessment.ts';
import type { WaitingItem } from './credit-items.ts';
import type { AggregatorDeps } from './deps.ts';

/**
 * Bundled packages of a version that no registry has: installers never ask for them, since their bytes are those of the
 * package that holds them and were scanned there. Their items wait for that package version from now on.
 * @param locked items that wait for the failed package versions, locked by the caller.
 * @returns the items that are still to be ended as failed, and the messages about the others.
 */
export async function followBundlers(
  tx: Tx,
  locked: WaitingItem[],
  failed: Failed[],
  deps: AggregatorDeps,
): Promise<{ waiting: WaitingItem[]; messages: OutboxMessage[] }> {
  const absent = new Map<string, Lane>();
  for (const { assessment, failure } of failed) {
    if (failure.code === 'registry.version-not-found') absent.set(assessment.purl, assessment.lane);
  }
  const isPart = ({ purl, bundledIn }: WaitingItem) =>
    bundledIn !== null && bundledIn !== purl && absent.has(purl);
  const parts = locked.filter(isPart);
  if (parts.length === 0) return { waiting: locked, messages: [] };
  const column = columnsOf(tx, parts);
  await tx`
    update items set purl = bundled_in
    from unnest(${column(({ requestId }) => requestId)}::uuid[], ${column(({ ordinal }) => ordinal)}::int[])
      as e (request_id, ordinal)
    where items.request_id = e.request_id and items.ordinal = e.ordinal`;
  const wanted = new Map<string, Lane>();
  for (const { purl, bundledIn } of parts) wantIn(wanted, bundledIn!, absent.get(purl)!);
  const waiting = locked.filter((item) => !isPart(item));
  return { waiting, messages: await assessAll(tx, wanted, deps) };
}
