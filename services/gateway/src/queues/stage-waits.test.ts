import type { Control } from '@sluice/contracts';
import type { OutageState } from '@sluice/delivery';
import type { WorkerState } from '@sluice/stages';
import { describe, expect, it } from 'vitest';
import { circuitsOf, waitsOf } from './stage-waits.ts';

const control = (kind: Control['kind'], name: string): Control => ({
  kind,
  name,
  by: 'mira',
  reason: 'maintenance',
  at: '2026-03-01T09:00:00.000Z',
});
const away = (host: string, minute: number, consecutive = 4) =>
  ({
    host,
    code: 'registry.unavailable',
    detail: 'status 503',
    since: `2026-03-01T09:${minute}:00.000Z`,
    probeAt: `2026-03-01T09:${minute}:15.000Z`,
    consecutive,
  }) as unknown as OutageState;
const worker = (instance: string, fields: Partial<WorkerState>): WorkerState => ({
  service: 'downloader',
  instance,
  stage: 'download',
  version: '0.1.0',
  startedAt: '2026-03-01T08:00:00.000Z',
  lastSeenAt: '2026-03-01T09:30:00.000Z',
  state: 'working',
  concurrency: 16,
  running: [],
  inWork: { interactive: 0, bulk: 0 },
  detail: null,
  circuits: [],
  upstreams: [],
  ...fields,
});

describe('circuitsOf', () => {
  it('tells of a host once per stage, since when the first instance found it away', () => {
    const workers = [
      worker('a', { circuits: [away('registry.example', 31, 4)] }),
      worker('b', { circuits: [away('registry.example', 30, 9)] }),
      worker('c', { service: 'license', stage: 'license', circuits: [away('registry.example', 32)] }),
    ];
    expect(circuitsOf(workers, [])).toMatchObject([
      {
        host: 'registry.example',
        service: 'downloader',
        stage: 'download',
        state: 'open',
        since: '2026-03-01T09:30:00.000Z',
        probeAt: '2026-03-01T09:30:15.000Z',
        consecutive: 9,
        instances: ['a', 'b'],
      },
      { host: 'registry.example', service: 'license', instances: ['c'] },
    ]);
  });

  it('tells of a paused host where it is needed, with who paused it, and not that it is out of order', () => {
    const workers = [
      worker('a', { upstreams: ['registry.example'], circuits: [away('registry.example', 30)] }),
      worker('b', { upstreams: ['other.example'] }),
    ];
    expect(circuitsOf(workers, [control('host', 'registry.example')])).toMatchObject([
      { host: 'registry.example', state: 'paused', probeAt: null, code: 'upstream.paused', instances: ['a'] },
    ]);
  });

  it('is empty when nothing is away', () => {
    expect(circuitsOf([worker('a', { upstreams: ['registry.example'] })], [])).toEqual([]);
  });
});

describe('waitsOf', () => {
  const circuits = circuitsOf(
    [worker('a', { upstreams: ['registry.example'], circuits: [away('cdn.example', 30)] })],
    [control('host', 'registry.example')],
  );

  it('names the controls of the stages that items are in, and of no others', () => {
    const controls = [control('stage', 'scan'), control('stage', 'license')];
    expect(waitsOf({ scan: 5, download: 2, queued: 1 }, controls, circuits)).toEqual([
      {
        stage: 'download',
        items: 2,
        kind: 'circuit',
        name: 'cdn.example',
        text: 'downloader waits for cdn.example since 2026-03-01T09:30:00.000Z: status 503',
      },
      {
        stage: 'download',
        items: 2,
        kind: 'host',
        name: 'registry.example',
        text: 'registry.example is paused by mira since 2026-03-01T09:00:00.000Z: maintenance',
      },
      {
        stage: 'scan',
        items: 5,
        kind: 'stage',
        name: 'scan',
        text: 'scan is paused by mira since 2026-03-01T09:00:00.000Z: maintenance',
      },
    ]);
  });

  it('says nothing of a request that has ended', () => {
    expect(waitsOf({}, [control('stage', 'scan')], circuits)).toEqual([]);
  });
});
