import { effect, signal, untracked } from '@preact/signals';
import { send } from './client.ts';

/** Counts up when something that is shown may have changed, once a second at most. */
const changes = signal(0);
/** Whether news arrive: while they do not, pages ask by themselves. */
export const isLive = signal(false);

/** Does some work now and at each change. @returns a function that ends it. */
export function whenChanged(work: () => void): () => void {
  return effect(() => {
    void changes.value;
    untracked(work);
  });
}

const channelName = 'sluice.live';
const reconnectMs = 2_000;
/** Pages ask this often while there are no news, for times and rates change without any. */
const pollMs = 5_000;

interface News {
  changed?: true;
  live?: boolean;
  /** A tab that was opened just now asks whether news arrive. */
  asks?: true;
}

/**
 * One stream for all tabs of this browser: it opens six connections to a host, and the seventh tab would wait for ever.
 * The tab that holds the lock reads the stream and tells the others.
 */
export function startLive(): void {
  const channel = new BroadcastChannel(channelName);
  let isLeader = false;
  const hear = ({ changed, live, asks }: News) => {
    if (asks && isLeader) channel.postMessage({ live: isLive.value });
    if (live !== undefined) isLive.value = live;
    if (changed && document.visibilityState === 'visible') changes.value += 1;
  };
  channel.addEventListener('message', ({ data }: MessageEvent<News>) => hear(data));
  const tell = (news: News) => {
    isLeader = true;
    channel.postMessage(news);
    hear(news);
  };
  channel.postMessage({ asks: true } satisfies News);
  setInterval(() => {
    if (!isLive.value && document.visibilityState === 'visible') changes.value += 1;
  }, pollMs);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') changes.value += 1;
  });
  // Locks are there in secure contexts alone; without them each tab reads a stream of its own.
  if ('locks' in navigator) void navigator.locks.request(channelName, () => lead(tell));
  else void lead(tell);
}

/** Never ends: the lock is free again when the tab is gone. */
async function lead(tell: (news: News) => void): Promise<never> {
  for (;;) {
    try {
      await read(tell);
    } catch {
      // It is tried again, and pages ask by themselves until then.
    }
    tell({ live: false });
    await new Promise((resolve) => setTimeout(resolve, reconnectMs));
  }
}

async function read(tell: (news: News) => void): Promise<void> {
  const response = await send('/v1/changes', {});
  if (!response.ok || !response.body) return;
  tell({ live: true, changed: true });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (value.includes('event: changed')) tell({ changed: true });
  }
}
