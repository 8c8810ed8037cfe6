import type { RefreshDiff } from '@sluice/api';

/** A package version of the requests of a refresh. */
export interface DiffItem {
  purl: string;
  outcome: string | null;
}

/** Entries of a list, at most. */
const listedMax = 1_000;

type Lists = Pick<RefreshDiff, 'added' | 'removed' | 'changed' | 'unchangedCount' | 'truncated'>;

/**
 * Compares two sets of package versions: packages that came, those that went, and those of which other versions are used. Pure.
 */
export function makeDiff(before: readonly DiffItem[], after: readonly DiffItem[]): Lists {
  const [from, to] = [byPackage(before), byPackage(after)];
  const lists: Lists = { added: [], removed: [], changed: [], unchangedCount: 0, truncated: false };
  for (const name of [...new Set([...from.keys(), ...to.keys()])].toSorted()) {
    const [old, now] = [from.get(name), to.get(name)];
    if (!old) lists.added.push(...now!.values());
    else if (!now) lists.removed.push(...old.values());
    else {
      const gone = [...old.values()].filter(({ purl }) => !now.has(purl));
      const come = [...now.values()].filter(({ purl }) => !old.has(purl));
      lists.unchangedCount += now.size - come.length;
      if (gone.length + come.length > 0) lists.changed.push({ package: name, from: gone, to: come });
    }
  }
  const { added, removed, changed } = lists;
  return {
    ...lists,
    added: added.slice(0, listedMax),
    removed: removed.slice(0, listedMax),
    changed: changed.slice(0, listedMax),
    truncated: Math.max(added.length, removed.length, changed.length) > listedMax,
  };
}

/** By the purl without its version, then by the whole one; each once. */
function byPackage(items: readonly DiffItem[]): Map<string, Map<string, DiffItem>> {
  const found = new Map<string, Map<string, DiffItem>>();
  for (const item of items) {
    const name = item.purl.replace(/@[^@/]*$/, '');
    found.set(name, (found.get(name) ?? new Map()).set(item.purl, item));
  }
  return found;
}
