import { createLogger } from '@sluice/runtime';
import type { Control } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { Circuits, consumerMetrics } from '@sluice/delivery';
import { StageGate } from './stage-gate.ts';

const outageOf = (host: string, code = 'registry.unavailable') => ({ host, code, detail: 'status 503' });
const [a, b] = ['a.example', 'b.example'];
/** With a Retry-After an upstream is given up at once, for at least that long. */
const longMs = 60_000;
const soon = () => new Date(Date.now() + 1_000);
const later = () => new Date(Date.now() + 2 * longMs);

function make(needs: string[] = []) {
  const controls: Control[] = [];
  const hold = (kind: Control['kind'], name: string) =>
    controls.push({ kind, name, by: 'mira', reason: 'maintenance', at: '2026-03-01T09:30:00Z' });
  const watch = {
    find: (kind: string, name: string) =>
      controls.find((control) => control.kind === kind && control.name === name),
    findHost: (host: string) => watch.find('host', host),
  };
  let changes = 0;
  const log = createLogger('test', 'silent');
  const onChange = () => void (changes += 1);
  const circuits = new Circuits({ consumer: 'echoer', log, controls: watch, needs, onChange });
  const gate = new StageGate({ name: 'echo', service: 'echoer', instance: 'one:1' }, watch, circuits);
  return { circuits, gate, controls, hold, changes: () => changes };
}

describe('circuits', () => {
  it('an outage of one upstream is no outage of another, and pauses nothing', () => {
    const { circuits } = make();
    circuits.succeeded(b);
    circuits.failed(a, outageOf(a), longMs);
    expect([circuits.blocks(a, soon()), circuits.blocks(b, soon()), circuits.pausedUntil()]).toEqual([
      true,
      false,
      0,
    ]);
    circuits.succeeded(b);
    expect(circuits.open()).toMatchObject([{ host: a, code: 'registry.unavailable', detail: 'status 503' }]);
  });

  it('a stage pauses when all that it ever needed is away, until the first is to be tried', () => {
    const { circuits } = make();
    circuits.failed(a, outageOf(a), longMs);
    const alone = circuits.pausedUntil();
    expect(alone).toBeGreaterThan(soon().getTime());
    circuits.failed(b, outageOf(b), 2 * longMs);
    expect(circuits.pausedUntil()).toBe(alone);
    expect(circuits.blocks(a, later())).toBe(false);
  });

  it('has one circuit where messages cannot be told apart, which one success closes', () => {
    const { circuits, changes } = make();
    circuits.failed(null, outageOf(a), longMs);
    expect(circuits.pausedUntil()).toBeGreaterThan(soon().getTime());
    circuits.failed(null, outageOf(b), 2 * longMs);
    expect(circuits.open()).toMatchObject([{ host: b }]);
    circuits.succeeded(null);
    expect([circuits.open(), circuits.pausedUntil(), changes()]).toEqual([[], 0, 3]);
  });

  it('has a circuit for a system that every message needs, which holds all of them', () => {
    const { circuits, gate } = make(['store']);
    circuits.succeeded(a);
    circuits.failed(a, outageOf('store', 'artifact.unavailable'), longMs);
    expect(circuits.open()).toMatchObject([{ host: 'store', code: 'artifact.unavailable' }]);
    expect([circuits.blocks(a, soon()), circuits.blocks(null, soon())]).toEqual([true, true]);
    expect(gate.pausedUntil()).toBeGreaterThan(soon().getTime());
    expect(gate.heldBackMs(b)).toBeGreaterThan(longMs / 2);
    // An answer of the upstream says nothing of the store.
    circuits.answered(a);
    expect(circuits.blocks(a, soon())).toBe(true);
    circuits.succeeded(b);
    expect([circuits.open(), gate.pausedUntil(), gate.heldBackMs(a)]).toEqual([[], 0, null]);
  });

  it('shows in the metrics which hosts are away', async () => {
    const { circuits } = make();
    const shown = async () => {
      const { values } = await consumerMetrics.circuitOpen.get();
      return Object.fromEntries(values.map(({ labels, value }) => [labels['host'], value]));
    };
    circuits.failed(null, outageOf('c.example'), longMs);
    expect(await shown()).toMatchObject({ 'c.example': 1 });
    circuits.failed(null, outageOf('d.example'), 2 * longMs);
    expect(await shown()).toMatchObject({ 'c.example': 0, 'd.example': 1 });
    circuits.succeeded(null);
    expect(await shown()).toMatchObject({ 'c.example': 0, 'd.example': 0 });
  });

  it('does not remember an upstream for an answer, but takes it for the end of an outage', () => {
    const { circuits } = make();
    circuits.failed(a, outageOf(a), longMs);
    circuits.answered(b);
    expect(circuits.pausedUntil()).toBeGreaterThan(0);
    circuits.answered(a);
    expect(circuits.pausedUntil()).toBe(0);
  });

  it('remembers a bounded number of upstreams, and every outage among them', () => {
    const { circuits } = make();
    circuits.failed(a, outageOf(a), longMs);
    for (let n = 0; n < 1_000; n += 1) circuits.succeeded(`h${n}.example`);
    expect(circuits.upstreams().length).toBeLessThanOrEqual(100);
    expect(circuits.blocks(a, soon())).toBe(true);
  });

  it('forgets a refusal whose only cause was a control', () => {
    const { circuits, hold, controls } = make();
    hold('host', a);
    circuits.failed(a, outageOf(a, 'upstream.paused'), longMs);
    circuits.failed(b, outageOf(b), longMs);
    controls.length = 0;
    circuits.controlsChanged();
    expect([circuits.blocks(a, soon()), circuits.blocks(b, soon())]).toEqual([false, true]);
  });
});

describe('a stage’s gate', () => {
  it('works on everything while nothing is held', () => {
    const { gate } = make();
    expect([gate.pausedUntil(), gate.heldBackMs(a), gate.heldBackMs(null)]).toEqual([0, null, null]);
    expect(gate.report(3, false)).toEqual({ state: 'working', detail: null });
  });

  it.each([
    ['stage', 'echo', 'paused'],
    ['worker', 'echoer/one:1', 'drained'],
  ] as const)('asks for nothing while the %s is held, and gives back what comes', (kind, name, state) => {
    const { gate, hold, controls } = make();
    hold(kind, name);
    expect([gate.pausedUntil(), gate.heldBackMs(a), gate.heldBackMs(null)]).toEqual([Infinity, 0, 0]);
    expect(gate.report(0, false)).toMatchObject({ state, detail: expect.stringContaining('mira') as string });
    controls.length = 0;
    expect([gate.pausedUntil(), gate.report(0, false).state]).toEqual([0, 'working']);
  });

  it('is not held by controls of other stages', () => {
    const { gate, hold } = make();
    hold('stage', 'other');
    hold('worker', 'echoer/two:2');
    hold('host', b);
    expect([gate.pausedUntil(), gate.heldBackMs(a)]).toEqual([0, null]);
  });

  it('is draining before it is drained, and stops from any state', () => {
    const { gate, hold } = make();
    hold('worker', 'echoer/one:1');
    expect([gate.report(2, false).state, gate.report(0, false).state, gate.report(0, true).state]).toEqual([
      'draining',
      'drained',
      'stopping',
    ]);
  });

  it('pauses for a paused host when it needs no other, and says who paused it', () => {
    const { gate, hold } = make();
    hold('host', a);
    expect([gate.heldBackMs(a), gate.pausedUntil()]).toEqual([0, Infinity]);
    expect(gate.report(0, false)).toEqual({
      state: 'paused',
      detail: 'a.example is paused by mira since 2026-03-01T09:30:00Z: maintenance',
    });
  });

  it('lets other messages go on while a host is paused, and those that need it wait for less than two minutes', () => {
    const { gate, circuits, hold } = make();
    circuits.succeeded(b);
    hold('host', a);
    expect(gate.heldBackMs(b)).toBeNull();
    expect(gate.heldBackMs(a)).toBeGreaterThan(10_000);
    expect(gate.heldBackMs(a)).toBeLessThan(120_000);
    expect(Number.isInteger(gate.heldBackMs(a))).toBe(true);
    expect([gate.pausedUntil(), gate.report(1, false).state]).toEqual([0, 'working']);
  });

  it('has messages that need the only upstream, which is away, wait for the next try', () => {
    const { gate, circuits } = make();
    circuits.failed(a, outageOf(a), longMs);
    const waitMs = gate.heldBackMs(a)!;
    expect(waitMs).toBeGreaterThan(longMs / 2);
    expect(waitMs).toBeLessThanOrEqual(longMs);
    expect(gate.report(0, false)).toMatchObject({
      state: 'paused',
      detail: expect.stringMatching(/^waits for a\.example since .*: status 503$/) as string,
    });
  });
});
