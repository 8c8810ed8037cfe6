import { askToRepublish, streamLosses, type Bus } from '@sluice/messaging';
import type { ApplyDeps, Checkpoint } from './apply.ts';

/** The services whose events make the read models, and that keep them in an outbox. */
const publishers = ['gateway', 'aggregator'];
const watcher = 'projector';
streamLosses.inc({ watcher }, 0);

/** Whether events after the checkpoint were removed from the stream before they were read. */
export function hasMissed({ sequence }: Checkpoint, next: number): boolean {
  // Nothing was read of this stream yet: what it began with may have grown old.
  return sequence > 0 && next > sequence + 1;
}

/**
 * Has the events published again that were removed from the stream before they were read: by a purge, lowered limits or
 * age. They come at the end of the stream. What the stages themselves told is not among them; the verdicts are.
 * @param next the first sequence after the checkpoint that is there.
 * @throws TransientError when a service that has them is away; nothing after the gap is applied until it is back.
 */
export async function fetchMissed(
  bus: Bus,
  { log }: ApplyDeps,
  checkpoint: Checkpoint,
  next: number,
): Promise<void> {
  const messages = await askToRepublish(bus, publishers);
  streamLosses.inc({ watcher });
  log.error(
    { missed: next - checkpoint.sequence - 1, messages },
    'events were removed from the stream before they were read; they are published again',
  );
}
