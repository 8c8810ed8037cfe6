import {
  PermanentError,
  TransientError,
  controlCommand,
  type Control,
  type ControlInput,
} from '@sluice/contracts';
import { assertControls } from '@sluice/stages';
import { connectBus, serveCommand } from '@sluice/broker';
import { waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getJson, insertPackage, insertRequest, testGateway } from '../gateway-kit.ts';

const { app, deps, nats } = await testGateway();
const received: ControlInput[] = [];
let refusal: Error | undefined;
let owner: Awaited<ReturnType<typeof connectBus>>;

/** The owner of controls as the gateway knows it: its command, and what it has the stages see. */
beforeAll(async () => {
  owner = await connectBus({ url: nats.url, service: 'aggregator', instance: 'test', log: deps.log });
  serveCommand(
    owner,
    controlCommand,
    async (input) => {
      received.push(input);
      if (refusal) throw refusal;
      const { kind, name, by, reason } = input;
      const control = { kind, name, by, reason, at: '2026-03-01T09:30:00.000Z' };
      return { changed: true, control: input.held ? control : null };
    },
    deps.log,
  );
  await owner.nc.flush();
});
beforeEach(async () => {
  received.length = 0;
  refusal = undefined;
  await assertControls(owner, []);
});
afterAll(() => owner.close());

const why = { by: 'mira', reason: 'maintenance' };
async function post(address: string, body: unknown = why) {
  const response = await app.request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const paused: Control = { kind: 'stage', name: 'scan', ...why, at: '2026-03-01T09:30:00.000Z' };

describe('holding and letting go', () => {
  it.each<[string, Pick<ControlInput, 'kind' | 'name' | 'held'>]>([
    ['/v1/stages/scan/pause', { kind: 'stage', name: 'scan', held: true }],
    ['/v1/stages/license/resume', { kind: 'stage', name: 'license', held: false }],
    ['/v1/hosts/Registry.Example:443/pause', { kind: 'host', name: 'registry.example', held: true }],
    ['/v1/hosts/127.0.0.1%3A4873/resume', { kind: 'host', name: '127.0.0.1:4873', held: false }],
    ['/v1/workers/scanner/vm%3A17/drain', { kind: 'worker', name: 'scanner/vm:17', held: true }],
    ['/v1/workers/downloader/a-1/undrain', { kind: 'worker', name: 'downloader/a-1', held: false }],
  ])('%s reaches its owner and is answered with what holds', async (address, input) => {
    const answer = await post(address);
    expect(answer).toMatchObject({ status: 200, body: { changed: true } });
    expect(answer.body['control'] === null).toBe(!input.held);
    expect(received).toEqual([{ ...why, ...input }]);
  });

  it.each([
    ['a stage that is none', '/v1/stages/gateway/pause', why],
    ['a host that is none', '/v1/hosts/a%2Fb/pause', why],
    ['an instance of what takes no work', '/v1/workers/gateway/vm:1/drain', why],
    ['no reason', '/v1/stages/scan/pause', { by: 'mira' }],
    ['nobody by an empty name', '/v1/stages/scan/pause', { reason: 'r', by: '' }],
  ])('%s never reaches it', async (_, address, body) => {
    expect(await post(address, body)).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
    expect(received).toEqual([]);
  });

  it.each([
    [new PermanentError('worker.not-found', 'No instance.'), 404, 'worker.not-found'],
    [new TransientError('backend.unavailable', 'Postgres is not available.'), 503, 'backend.unavailable'],
  ])('what its owner refuses is answered with why', async (error, status, code) => {
    refusal = error;
    expect(await post('/v1/workers/scanner/vm:1/drain')).toMatchObject({ status, body: { code } });
  });
});

describe('what is held', () => {
  it('is listed with who, since when and why', async () => {
    expect((await getJson(app, '/v1/controls')).body).toEqual({ items: [], nextCursor: null });
    await assertControls(owner, [paused]);
    expect((await getJson(app, '/v1/controls')).body).toEqual({ items: [paused], nextCursor: null });
  });

  it('is what requests wait for whose items are there, and what the queues say', async () => {
    await assertControls(owner, [paused]);
    await waitFor(() => deps.controls.controls.length === 1);
    const id = await insertRequest(deps.read, ['a', 'b']);
    await insertPackage(deps.read, 'a', { state: 'running', stage: 'scan' });
    await insertPackage(deps.read, 'b', { state: 'running', stage: 'license' });
    expect((await getJson(app, `/v1/requests/${id}`)).body).toMatchObject({
      open: { scan: 1, license: 1 },
      waitsFor: [
        {
          stage: 'scan',
          items: 1,
          kind: 'stage',
          name: 'scan',
          text: 'scan is paused by mira since 2026-03-01T09:30:00.000Z: maintenance',
        },
      ],
    });
    expect((await getJson(app, '/v1/queues')).body).toMatchObject({ controls: [paused], circuits: [] });
  });
});
