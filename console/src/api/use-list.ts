import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Page, Problem } from '@sluice/api';
import { ApiError, call } from './client.ts';
import { whenChanged } from './live.ts';

/** A list of which the pages are read one after the other, as far as they are scrolled to. */
export interface List<Item> {
  items: readonly Item[];
  hasMore: boolean;
  isLoaded: boolean;
  problem: Problem | null;
}

export interface ListHandle<Item> {
  list: ReadonlySignal<List<Item>>;
  more: () => void;
  reload: () => void;
}

/** Pages that are read again at a change; those further down stay as they were read. */
const freshPagesMax = 3;

interface PageOf<Item> {
  items: readonly Item[];
  nextCursor: string | null;
  etag: string | undefined;
}

/** @param path without a cursor. */
export function useList<Item>(path: string): ListHandle<Item> {
  const [handle, start] = useMemo(() => createList<Item>(path), [path]);
  useEffect(start, [start]);
  return handle;
}

function createList<Item>(path: string): [ListHandle<Item>, () => () => void] {
  const list = signal<List<Item>>({ items: [], hasMore: false, isLoaded: false, problem: null });
  const pages: PageOf<Item>[] = [];
  let busy: Promise<void> | null = null;

  const show = (problem: Problem | null = null) => {
    list.value = {
      items: pages.flatMap(({ items }) => items),
      hasMore: pages.at(-1)?.nextCursor != null,
      isLoaded: pages.length > 0,
      problem,
    };
  };
  const readPage = async (index: number) => {
    const cursor = index === 0 ? null : pages[index - 1]!.nextCursor;
    const separator = path.includes('?') ? '&' : '?';
    const address = cursor === null ? path : `${path}${separator}cursor=${encodeURIComponent(cursor)}`;
    const answer = await call<Page<Item>>(address, { etag: pages[index]?.etag });
    if (answer) pages[index] = { ...answer.data, etag: answer.etag };
    return answer !== null;
  };
  const once = (work: () => Promise<void>) => {
    if (busy) return;
    busy = work()
      .then(() => show())
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        show(error.problem);
      })
      .finally(() => (busy = null));
  };
  const reload = () =>
    once(async () => {
      for (let index = 0; index < Math.max(1, Math.min(pages.length, freshPagesMax)); index += 1) {
        const cursor = pages[index]?.nextCursor;
        const isChanged = await readPage(index);
        // Later pages begin somewhere else now.
        if (isChanged && cursor !== undefined && pages[index]!.nextCursor !== cursor)
          pages.length = index + 1;
        if (pages[index]!.nextCursor === null) break;
      }
    });
  const more = () => once(async () => void (pages.at(-1)?.nextCursor && (await readPage(pages.length))));
  const start = () => whenChanged(reload);
  return [{ list, more, reload }, start];
}
