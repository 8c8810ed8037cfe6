import { describe, expect, it } from 'vitest';
import { OutageGate, type OutageState } from './outage-gate.ts';

const host = 'registry.example';
const outage = { host, code: 'registry.unavailable', detail: 'status 503' };
const now = new Date('2026-03-01T09:30:00Z');

function gate(retryBaseMs = 1_000) {
  const paused: OutageState[] = [];
  const resumed: OutageState[] = [];
  const made = new OutageGate(
    (state) => paused.push(state),
    (state) => resumed.push(state),
    retryBaseMs,
  );
  return { made, paused, resumed };
}
const waitMs = (state: OutageState | undefined) => state!.probeAt.getTime() - now.getTime();

describe('OutageGate', () => {
  it('opens at the third outage in a row, not before', () => {
    const { made, paused } = gate();
    made.failed(outage, undefined, now);
    made.failed(outage, undefined, now);
    expect([made.state, paused.length]).toEqual([null, 0]);
    made.failed(outage, undefined, now);
    expect(made.state).toMatchObject({ host, since: now, consecutive: 3 });
    expect(paused).toEqual([made.state]);
  });

  it('counts only outages with no success between', () => {
    const { made, paused, resumed } = gate();
    for (let round = 0; round < 5; round += 1) {
      made.failed(outage, undefined, now);
      made.failed(outage, undefined, now);
      made.succeeded();
    }
    expect([paused.length, resumed.length]).toEqual([0, 0]);
  });

  it('opens at once when the upstream says how long it will be, and waits at least that long', () => {
    const { made, paused } = gate();
    made.failed(outage, 30_000, now);
    expect(waitMs(paused[0])).toBe(30_000);
  });

  it.each(['nats', 'postgres'])('waits no longer than 3 s for %s, without which nothing goes on', (own) => {
    const { made, paused } = gate();
    for (let at = now, tries = 0; tries < 12; tries += 1, at = made.state?.probeAt ?? now)
      made.failed({ ...outage, host: own }, undefined, at);
    const waits = paused.map(
      (state, index) => state.probeAt.getTime() - (paused[index - 1]?.probeAt ?? now).getTime(),
    );
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3_000);
  });

  it('waits longer after each try that failed, up to 15 s, and remembers since when', () => {
    const { made, paused } = gate();
    made.failed(outage, undefined, now);
    made.failed(outage, undefined, now);
    const waits: number[] = [];
    for (let at = now; waits.length < 10; at = paused.at(-1)!.probeAt) {
      made.failed(outage, undefined, at);
      waits.push(paused.at(-1)!.probeAt.getTime() - at.getTime());
    }
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(waits[3]).toBeGreaterThanOrEqual(4_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(made.state).toMatchObject({ since: now, consecutive: 12 });
  });

  it('learns nothing from messages that were in work when it opened', () => {
    const { made, paused } = gate();
    for (let count = 0; count < 40; count += 1) made.failed(outage, undefined, now);
    expect(waitMs(made.state!)).toBeLessThanOrEqual(1_000);
    expect(paused).toHaveLength(1);
    // Unless the upstream says that it will take longer.
    made.failed(outage, 30_000, now);
    expect(waitMs(made.state!)).toBe(30_000);
    expect(paused).toHaveLength(2);
  });

  it('closes with one success, and tells once', () => {
    const { made, resumed } = gate();
    made.failed(outage, 1, now);
    made.succeeded();
    made.succeeded();
    expect(made.state).toBeNull();
    expect(resumed).toMatchObject([{ host }]);
  });
});
