import type { ItemOutcome, SluiceEvent } from '@sluice/contracts';
import { exampleEvent } from '@sluice/testkit';
import fc from 'fast-check';

/** The aggregator's events as items end, fail, are tried again, and are cancelled. */
export class Story {
  readonly events: SluiceEvent[] = [];
  readonly #id: string;
  readonly #items: (ItemOutcome | null)[];
  #round = 1;

  constructor(submitted: SluiceEvent, itemCount: number) {
    this.#id = submitted.subject;
    this.#items = Array.from({ length: itemCount }, () => null);
    this.events.push(submitted);
  }

  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const outcome of this.#items) counts[outcome!] = (counts[outcome!] ?? 0) + 1;
    return counts;
  }

  end(ordinals: number[], outcome: ItemOutcome): void {
    const open = [...new Set(ordinals.map((ordinal) => ordinal % this.#items.length))].filter(
      (ordinal) => this.#items[ordinal] === null,
    );
    if (open.length === 0) return;
    for (const ordinal of open) this.#items[ordinal] = outcome;
    const items = open.map((ordinal) => ({
      ordinal,
      outcome,
      assessmentId: null,
      reasons: [],
      at: '2026-03-01T09:30:03.000Z',
    }));
    this.#say('request.progressed', { round: this.#round, items });
    if (!this.#items.includes(null))
      this.#say('request.completed', { round: this.#round, counts: this.counts });
  }

  retry(): void {
    const ordinals = [...this.#items.keys()].filter((ordinal) => this.#items[ordinal] === 'failed');
    if (ordinals.length === 0) return;
    this.#round += 1;
    for (const ordinal of ordinals) this.#items[ordinal] = null;
    this.#say('request.reopened', { round: this.#round, ordinals });
  }

  /** Its list could not be read; it is submitted again, and opened. */
  fail(): void {
    if (this.#round > 1 || this.#items.some((outcome) => outcome !== null)) return;
    const failure = { code: 'request.list-unreadable', detail: 'It is gone.' };
    this.#say('request.completed', { round: 1, counts: { failed: this.#items.length }, failure });
    this.events.push(this.events[0]!);
    this.#round = 2;
    this.#say('request.reopened', { round: 2, ordinals: [...this.#items.keys()] });
  }

  changeLane(): void {
    this.#say('request.lane-changed', { lane: 'interactive' });
  }

  endAll(outcome: ItemOutcome): void {
    this.end([...this.#items.keys()], outcome);
  }

  cancel(): void {
    if (!this.#items.includes(null)) return;
    this.#say('request.cancelled', {});
    this.endAll('cancelled');
  }

  #say(
    type:
      | 'request.progressed'
      | 'request.completed'
      | 'request.reopened'
      | 'request.cancelled'
      | 'request.lane-changed',
    data: object,
  ) {
    this.events.push(exampleEvent(type, { requestId: this.#id, ...data }));
  }
}

/** An action on a request. */
export const action = fc.oneof(
  fc.record({
    end: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
    as: fc.constantFrom<ItemOutcome>('approve', 'failed'),
  }),
  fc.constant('retry' as const),
  fc.constant('cancel' as const),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Carries out an action on a request. */
export function act(story: Story, step: Action): void {
  if (step === 'retry') story.retry();
  else if (step === 'cancel') story.cancel();
  else story.end(step.end, step.as);
}

/** The submission stays first: everything else is caused by it. */
export function disturbed(
  events: SluiceEvent[],
  repeats: [number, number][],
  swaps: number[],
): SluiceEvent[] {
  const order = [...events];
  for (const swap of swaps) {
    const at = 1 + (swap % Math.max(1, order.length - 2));
    if (at + 1 < order.length) [order[at], order[at + 1]] = [order[at + 1]!, order[at]!];
  }
  for (const [which, later] of repeats) {
    const at = which % order.length;
    order.splice(Math.min(order.length, at + 1 + later), 0, order[at]!);
  }
  return order;
}
