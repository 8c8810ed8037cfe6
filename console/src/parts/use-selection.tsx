import { useState } from 'preact/hooks';
import type { Column } from './table.tsx';

/** Rows of a list that are selected, by key, and the column of boxes that selects them. */
export interface Selection<Item, Key> {
  keys: ReadonlySet<Key>;
  toggle: (key: Key) => void;
  select: (items: readonly Item[]) => void;
  clear: () => void;
  column: Column<Item>;
}

/** @param nameOf names a row to readers of the screen. */
export function useSelection<Item, Key>(
  keyOf: (item: Item) => Key,
  nameOf: (item: Item) => string,
): Selection<Item, Key> {
  const [keys, setKeys] = useState<ReadonlySet<Key>>(new Set());
  const toggle = (key: Key) => {
    const next = new Set(keys);
    if (!next.delete(key)) next.add(key);
    setKeys(next);
  };
  return {
    keys,
    toggle,
    select: (items) => setKeys(new Set(items.map(keyOf))),
    clear: () => setKeys(new Set()),
    column: {
      title: 'Select',
      width: 'w-tick',
      cell: (item) => (
        <input
          type="checkbox"
          aria-label={`Select ${nameOf(item)}`}
          checked={keys.has(keyOf(item))}
          onChange={() => toggle(keyOf(item))}
        />
      ),
    },
  };
}
