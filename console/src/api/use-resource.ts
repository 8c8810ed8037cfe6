import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Problem } from '@sluice/api';
import { ApiError, call, type Answer } from './client.ts';
import { whenChanged } from './live.ts';

/** An address of the API as it was read last. Data stay while newer ones are asked for, and when they cannot be had. */
export interface Resource<Data> {
  data: Data | null;
  problem: Problem | null;
  /** When the data was last known to be right. */
  at: number | null;
}

/** Answers are kept, so that a page that is opened again shows the last one at once. */
const known = new Map<string, Answer<unknown>>();
const knownMax = 200;
const againMs = 3_000;

/** Reads an address, and again whenever something changes. */
export function useResource<Data>(path: string): [ReadonlySignal<Resource<Data>>, () => void] {
  const [resource, reload, start] = useMemo(() => createResource<Data>(path), [path]);
  useEffect(start, [start]);
  return [resource, reload];
}

function createResource<Data>(path: string) {
  const before = known.get(path) as Answer<Data> | undefined;
  const resource = signal<Resource<Data>>({ data: before?.data ?? null, problem: null, at: null });
  let isAsked = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  const reload = async () => {
    // A slow gateway is not asked a second time while it is still at the first.
    if (isAsked) return;
    isAsked = true;
    clearTimeout(again);
    try {
      const last = known.get(path) as Answer<Data> | undefined;
      const answer = await call<Data>(path, { etag: last?.etag });
      if (answer) remember(path, answer);
      const data = answer?.data ?? last?.data ?? null;
      resource.value = { data, problem: null, at: Date.now() };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      resource.value = { ...resource.value, problem: error.problem };
      // No news says that an outage has ended.
      if (isOutage(error.problem)) again = setTimeout(() => void reload(), againMs);
    } finally {
      isAsked = false;
    }
  };
  const start = () => {
    const stop = whenChanged(() => void reload());
    return () => {
      stop();
      clearTimeout(again);
    };
  };
  return [resource, () => void reload(), start] as const;
}

const isOutage = ({ status }: Problem) => status === 0 || status >= 500;

function remember(path: string, answer: Answer<unknown>): void {
  known.delete(path);
  known.set(path, answer);
  if (known.size > knownMax) known.delete(known.keys().next().value!);
}

/** Forgets everything: another person may see something else. */
export function forgetAll(): void {
  known.clear();
}
