import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListHandle } from '../api/use-list.ts';
import { Loading, ProblemNote } from './states.tsx';

export interface Column<Item> {
  title: string;
  cell: (item: Item) => ComponentChildren;
  /** The column that names the row. */
  isName?: boolean;
  isNumber?: boolean;
  width?: 'w-name' | 'w-small' | 'w-tick' | 'w-wide';
}

/** Rows are of one height, so that those in sight are known without measuring: 20,000 of them scroll like twenty. */
const rowPx = 44;
/** Rows drawn above and below those in sight. */
const spare = 12;
/** The next page is asked for when this many rows are left. */
const aheadRows = 60;

/** A list of any length as a table: rows in sight are drawn, and pages are read before the last of their rows is in sight. */
export function ListTable<Item>({
  label,
  handle,
  columns,
  keyOf,
  empty,
  current,
  isSelected,
  total,
}: {
  label: string;
  handle: ListHandle<Item>;
  columns: readonly Column<Item>[];
  keyOf: (item: Item) => string;
  empty: ComponentChildren;
  /** The row that keys act on. */
  current?: number | undefined;
  isSelected?: ((item: Item) => boolean) | undefined;
  /** Rows in all, where that is known before they are read. */
  total?: number | undefined;
}) {
  const { items, hasMore, isLoaded, problem } = handle.list.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const inSight = Math.ceil((globalThis.innerHeight || 800) / rowPx);
  const from = Math.max(0, Math.min(first, items.length) - spare);
  const to = Math.min(items.length, first + inSight + spare);

  useEffect(() => {
    if (hasMore && to + aheadRows > items.length) handle.more();
  }, [hasMore, to, items.length, handle]);
  useEffect(() => {
    const box = scroller.current;
    if (!box || current === undefined) return;
    const top = current * rowPx;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + 2 * rowPx > box.scrollTop + box.clientHeight)
      box.scrollTop = top + 2 * rowPx - box.clientHeight;
  }, [current]);

  if (!isLoaded) return problem ? <ProblemNote problem={problem} /> : <Loading />;
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <div
        class="scroll tall fixed"
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label={label}
        onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / rowPx))}
      >
        <table aria-rowcount={hasMore ? (total ?? -1) : items.length + 1}>
          <caption class="hidden-text">{label}</caption>
          <thead>
            <tr>
              {columns.map(({ title, isNumber, width }) => (
                <th key={title} scope="col" class={classOf(isNumber, width)}>
                  {width === 'w-tick' ? <span class="hidden-text">{title}</span> : title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Space rows={from} columns={columns.length} />
            {items.slice(from, to).map((item, offset) => {
              const index = from + offset;
              return (
                <tr
                  key={keyOf(item)}
                  aria-rowindex={index + 2}
                  aria-selected={isSelected ? isSelected(item) : undefined}
                  class={`row ${current === index ? 'current' : ''}`}
                >
                  {columns.map((column) => (
                    <Cell key={column.title} column={column} item={item} />
                  ))}
                </tr>
              );
            })}
            <Space rows={items.length - to} columns={columns.length} />
          </tbody>
        </table>
      </div>
      {hasMore && (
        <p class="soft">
          {items.length} read{total === undefined ? '' : ` of ${total}`}; more come as you scroll.
        </p>
      )}
    </>
  );
}

const classOf = (isNumber = false, width = '') => `${isNumber ? 'number' : ''} ${width}`.trim();

function Cell<Item>({ column, item }: { column: Column<Item>; item: Item }) {
  if (column.isName)
    return (
      <th scope="row" class="name-cell">
        {column.cell(item)}
      </th>
    );
  return <td class={classOf(column.isNumber, column.width)}>{column.cell(item)}</td>;
}

function Space({ rows, columns }: { rows: number; columns: number }) {
  const height = rows * rowPx;
  return (
    <tr class="space" aria-hidden="true" style={{ height: `${height}px` }}>
      <td colSpan={columns} />
    </tr>
  );
}
