import type { Lane } from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import { wantIn, type Wanted } from '../assessments/assess-packages.ts';
import type { Failed } from '../assessments/assessment.ts';
import type { WaitingItem } from './credit-items.ts';

/**
 * Bundled packages of a version that no registry has: installers never ask for them, since their bytes are those of the
 * package that holds them and were scanned there. Their items wait for that package version from now on, whose
 * assessment in flight the caller has locked (`bundlersOf`).
 * @param locked items that wait for the failed package versions, locked by the caller.
 * @returns the items that are still to be ended as failed, and the package versions that the others wait for now, to be
 * assessed once the first are ended: requests before new assessments, as in a retry.
 */
export async function followBundlers(
  tx: Tx,
  locked: WaitingItem[],
  failed: Failed[],
): Promise<{ waiting: WaitingItem[]; wanted: Wanted }> {
  const absent = new Map<string, Lane>();
  for (const { assessment, failure } of failed) {
    if (failure.code === 'registry.version-not-found') absent.set(assessment.purl, assessment.lane);
  }
  const gone = new Set(failed.map(({ assessment }) => assessment.purl));
  // A package version that fails together with one that it holds takes the item along: there is nothing to wait for.
  const isPart = ({ purl, bundledIn }: WaitingItem) =>
    bundledIn !== null && !gone.has(bundledIn) && absent.has(purl);
  const wanted: Wanted = new Map();
  const parts = locked.filter(isPart);
  if (parts.length === 0) return { waiting: locked, wanted };
  const column = columnsOf(tx, parts);
  await tx`
    update items set purl = bundled_in
    from unnest(${column(({ requestId }) => requestId)}::uuid[], ${column(({ ordinal }) => ordinal)}::int[])
      as e (request_id, ordinal)
    where items.request_id = e.request_id and items.ordinal = e.ordinal`;
  for (const { purl, bundledIn, scope } of parts) wantIn(wanted, bundledIn!, absent.get(purl)!, scope);
  return { waiting: locked.filter((item) => !isPart(item)), wanted };
}

/**
 * Assessments in flight of the package versions that hold these ones, for the caller to lock together with its own: items
 * that follow are locked after all assessments, as everywhere.
 * @param purls package versions that no registry has.
 */
export async function bundlersOf(tx: Tx, purls: string[]): Promise<string[]> {
  if (purls.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    select distinct a.id from items i join assessments a on a.purl = i.bundled_in and a.state in ('waiting', 'running')
    where i.outcome is null and i.purl = any(${purls}::text[])`;
  return rows.map(({ id }) => id);
}
