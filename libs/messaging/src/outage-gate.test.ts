import { describe, expect, it } from 'vitest';
import { OutageGate, type OutageState } from './outage-gate.ts';

const host = 'registry.example';
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
    made.failed(host, undefined, now);
    made.failed(host, undefined, now);
    expect([made.state, paused.length]).toEqual([null, 0]);
    made.failed(host, undefined, now);
    expect(made.state).toMatchObject({ host, since: now, consecutive: 3 });
    expect(paused).toEqual([made.state]);
  });

  it('counts only outages with no success between', () => {
    const { made, paused, resumed } = gate();
    for (let round = 0; round < 5; round += 1) {
      made.failed(host, undefined, now);
      made.failed(host, undefined, now);
      made.succeeded();
    }
    expect([paused.length, resumed.length]).toEqual([0, 0]);
  });

  it('opens at once when the upstream says how long it will be, and waits at least that long', () => {
    const { made, paused } = gate();
    made.failed(host, 30_000, now);
    expect(waitMs(paused[0])).toBe(30_000);
  });

  it('waits longer each time, up to a minute, and remembers since when', () => {
    const { made, paused } = gate();
    for (let count = 0; count < 20; count += 1) made.failed(host, undefined, now);
    const later = new Date(now.getTime() + 1_000);
    made.failed(host, undefined, later);
    expect(waitMs(paused[0])).toBeLessThanOrEqual(1_000);
    expect(waitMs(paused[3])).toBeGreaterThanOrEqual(4_000);
    expect(waitMs(paused[15])).toBeLessThanOrEqual(60_000);
    expect(made.state).toMatchObject({ since: now, consecutive: 21 });
  });

  it('closes with one success, and tells once', () => {
    const { made, resumed } = gate();
    made.failed(host, 1, now);
    made.succeeded();
    made.succeeded();
    expect(made.state).toBeNull();
    expect(resumed).toMatchObject([{ host }]);
  });
});
