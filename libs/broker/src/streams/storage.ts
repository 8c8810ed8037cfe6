import type { Bus } from '../connection/connection.ts';
import { eventsStream } from './stream-configs.ts';

/** When the first event after a sequence was stored, of a subject; null when there is none. */
export async function storedAfter(bus: Bus, sequence: number, subject = '>'): Promise<Date | null> {
  const found = await bus.jsm.direct.getMessage(eventsStream, { seq: sequence + 1, next_by_subj: subject });
  return found?.time ?? null;
}

/** Bytes that the broker stores for this account, and its limit; null when it has none. */
export async function brokerStorage(bus: Bus): Promise<{ bytes: number; maxBytes: number | null }> {
  const { storage, limits } = await bus.jsm.getAccountInfo();
  return { bytes: storage, maxBytes: limits.max_storage > 0 ? limits.max_storage : null };
}

/** How full the streams are, as shares of their limits. */
export async function streamFill(bus: Bus): Promise<{ stream: string; bytes: number; maxBytes: number }[]> {
  const fill = [];
  for await (const { config, state } of bus.jsm.streams.list()) {
    fill.push({ stream: config.name, bytes: state.bytes, maxBytes: config.max_bytes });
  }
  return fill;
}
