import { signal } from '@preact/signals';

/** The key that this tab shows to the API; null where there is none, or a session's cookie stands for it. */
export const key = signal<string | null>(null);

const storageName = 'sluice.key';
/** Other tabs mostly answer at once; one that is busy may answer later, and is heard then. */
const otherTabsMs = 150;

/**
 * Takes the key out of the address that `npm start` prints, where it is in no log, else from this tab, else from another
 * open one. It is kept for as long as a tab is open.
 */
export async function findKey(onLateKey: () => void): Promise<void> {
  const given = new URLSearchParams(location.hash.slice(1)).get('k');
  if (given !== null) history.replaceState(null, '', location.pathname + location.search);
  setKey(given ?? sessionStorage.getItem(storageName) ?? (await askOtherTabs()));
  shareKey(onLateKey);
}

export function setKey(value: string | null): void {
  key.value = value;
  if (value === null) sessionStorage.removeItem(storageName);
  else sessionStorage.setItem(storageName, value);
}

/** Signs out here and in the other tabs. */
export function dropKey(): void {
  setKey(null);
  new BroadcastChannel(storageName).postMessage({ ended: true } satisfies KeyMessage);
}

interface KeyMessage {
  wants?: true;
  key?: string;
  /** The person has signed out, in all tabs. */
  ended?: true;
}

function askOtherTabs(): Promise<string | null> {
  const channel = new BroadcastChannel(storageName);
  return new Promise((resolve) => {
    const end = (found: string | null) => {
      channel.close();
      resolve(found);
    };
    setTimeout(end, otherTabsMs, null);
    channel.addEventListener('message', ({ data }: MessageEvent<KeyMessage>) => {
      if (data.key !== undefined) end(data.key);
    });
    channel.postMessage({ wants: true } satisfies KeyMessage);
  });
}

function shareKey(onLateKey: () => void): void {
  const channel = new BroadcastChannel(storageName);
  channel.addEventListener('message', ({ data }: MessageEvent<KeyMessage>) => {
    if (data.wants && key.value !== null) channel.postMessage({ key: key.value } satisfies KeyMessage);
    if (data.key !== undefined && key.value === null) {
      setKey(data.key);
      onLateKey();
    }
    if (data.ended) {
      setKey(null);
      location.assign('/');
    }
  });
}
