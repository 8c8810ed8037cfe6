import { publish, type Bus } from '@sluice/broker';
import { gateServed, makeEvent, servedPerEventMax, uuidV7 } from '@sluice/contracts';
import { toMessage } from '@sluice/delivery';
import { repeat, type ServiceContext } from '@sluice/runtime';
import { brokerInTime } from '../broker-in-time.ts';
import type { InstallsLog, Served } from './installs-log.ts';
import { forgetInstalls, keepInstalls, recallInstalls } from './kept-installs.ts';

/** A kill takes the entries of this time with it. */
const everyMs = 1_000;
/** The same while NATS is away. */
const keptEveryMs = 10_000;

/**
 * Publishes who has installed what, each second, until the service stops. While NATS is away the entries wait in a file of the folder
 * as well, so that a restart keeps them.
 */
export async function tellInstalls(
  log: InstallsLog,
  { folder, bus }: { folder: string; bus: () => Bus | null },
  context: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): Promise<void> {
  const recalled = await recallInstalls(folder);
  for (const entry of recalled) log.add(entry);
  let keptAt = recalled.length > 0 ? 0 : null;
  const keep = async () => {
    await keepInstalls(folder, log.entries);
    keptAt = Date.now();
  };
  const tell = async () => {
    const { entries } = log;
    if (entries.length === 0) return;
    try {
      await brokerInTime(publishAll(bus(), entries));
      log.drop(entries);
      if (keptAt !== null) await forgetInstalls(folder);
      keptAt = null;
    } catch (error) {
      if (keptAt === null || Date.now() - keptAt >= keptEveryMs) await keep();
      throw error;
    }
  };
  const name = 'telling who has installed what';
  context.onStop(name, async () => {
    // First what needs nobody: a stop has little time.
    if (log.entries.length > 0) await keep();
    await tell().catch(() => {});
  });
  repeat(context, { name, everyMs, firstMs: everyMs, run: tell });
}

async function publishAll(bus: Bus | null, entries: readonly Served[]): Promise<void> {
  if (bus === null) throw new Error('There is no connection to NATS.');
  for (let at = 0; at < entries.length; at += servedPerEventMax) {
    const now = new Date();
    const event = makeEvent(gateServed, {
      id: uuidV7(now.getTime()),
      source: 'gate',
      subject: 'gate',
      time: now,
      data: { entries: entries.slice(at, at + servedPerEventMax) },
    });
    await publish(bus, toMessage(event));
  }
}
