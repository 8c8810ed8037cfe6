import {
  cancelBatchCommand,
  decodeData,
  decodeEnvelope,
  batchSubmitted,
  knownBatchesCommand,
  retryCommand,
  sentFilesSchema,
  PermanentError,
  uuidV7,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { zipOf } from '@sluice/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  getJson,
  insertBatch,
  insertEvent,
  insertPackage,
  insertRequest,
  purlOf,
  testGateway,
} from '../gateway-kit.ts';
import { reconcileSubmissions } from '../../src/submissions/reconcile-submissions.ts';

const { app, deps, nats } = await testGateway({ bodyMaxBytes: 20_000, bodyTimeoutMs: 50, heartbeatMs: 20 });
const { own, read, artifacts } = deps;
beforeEach(async () => {
  await own`truncate batches, submissions, outbox, outbox_waiting`;
  await read`truncate requests, request_items, packages, package_scopes, batches, batch_files, timeline`;
});

const zip = new Uint8Array(zipOf({ 'a/package-lock.json': '{}' }));
const zipType = { 'content-type': 'application/zip' };

async function submit(
  body: string | ArrayBuffer | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = zipType,
  query = '',
) {
  const response = await app.request(`/v1/batches${query}`, { method: 'POST', body, headers } as RequestInit);
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body: answer };
}
async function formOf(
  files: [name: string, content: string | Uint8Array<ArrayBuffer>][],
  fields: [string, string][] = [],
) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  for (const [name, content] of files) data.append('file', new Blob([content]), name);
  const encoded = new Response(data);
  const type = encoded.headers.get('content-type')!;
  return [await encoded.arrayBuffer(), { 'content-type': type, 'x-sluice-client': 'test' }] as const;
}
async function told() {
  const rows = await own<
    { payload: string; subject: string }[]
  >`select subject, payload from outbox order by position`;
  return rows.map(({ payload, subject }) => ({
    subject,
    data: decodeData(batchSubmitted, decodeEnvelope(payload)).data,
  }));
}

describe('a batch', () => {
  it('of a zip is answered with 202 and its place, and is durable: bytes, row and event', async () => {
    const { status, headers, body } = await submit(
      zip,
      zipType,
      '?lane=bulk&label=team=a&platform=linux-x64&filename=x.zip&requester=noor',
    );
    expect([status, headers.get('location')]).toEqual([202, `/v1/batches/${body['id'] as string}`]);
    const [{ subject, data }, ...others] = (await told()) as [Awaited<ReturnType<typeof told>>[number]];
    expect(others).toEqual([]);
    expect(subject).toBe('batch.submitted.bulk');
    expect(data).toMatchObject({
      batchId: body['id'],
      requester: 'noor',
      labels: { team: 'a' },
      platforms: ['linux-x64'],
      filename: 'x.zip',
      upload: { kind: 'archive' },
    });
    expect((await artifacts.read(data.upload!.digest)).equals(Buffer.from(zip))).toBe(true);
    // Before any read model knows of it.
    const shown = await getJson(app, `/v1/batches/${data.batchId}`);
    expect(shown.body).toMatchObject({
      state: 'queued',
      filename: 'x.zip',
      fileCount: null,
      progress: 0,
      requests: {},
    });
    expect((await getJson(app, `/v1/batches/${data.batchId}/files`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
    expect((await getJson(app, '/v1/batches')).body.items).toMatchObject([
      { id: data.batchId, state: 'queued' },
    ]);
  });

  it('of several files keeps each with its path', async () => {
    const form = await formOf(
      [
        ['web/package-lock.json', 'one'],
        ['./api/requirements.txt', 'two'],
      ],
      [
        ['lane', 'bulk'],
        ['label', 'a=b'],
        ['label', 'c=d'],
      ],
    );
    expect((await submit(...form)).status).toBe(202);
    const [first] = await told();
    expect(first!.data).toMatchObject({
      labels: { a: 'b', c: 'd' },
      lane: 'bulk',
      upload: { kind: 'files' },
      filename: null,
    });
    const list = await artifacts.read(first!.data.upload!.digest);
    const files = sentFilesSchema.parse(JSON.parse(list.toString()));
    expect(files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ['web/package-lock.json', 3],
      ['api/requirements.txt', 3],
    ]);
    expect((await artifacts.read(files[1]!.digest)).toString()).toBe('two');
  });

  it('of a form with one zip is that zip', async () => {
    expect((await submit(...(await formOf([['folder/all.zip', zip]])))).status).toBe(202);
    const [first] = await told();
    expect(first!.data).toMatchObject({ upload: { kind: 'archive' }, filename: 'all.zip' });
  });

  it.each<[string, [string, string][]]>([
    [
      'leaves the batch',
      [
        ['../a.lock', 'x'],
        ['b', 'y'],
      ],
    ],
    [
      'is absolute',
      [
        ['/a.lock', 'x'],
        ['b', 'y'],
      ],
    ],
    [
      'has a backslash',
      [
        ['a\\b.lock', 'x'],
        ['b', 'y'],
      ],
    ],
    [
      'is there twice',
      [
        ['a.lock', 'x'],
        ['./a.lock', 'y'],
      ],
    ],
    [
      'hides what it says',
      [
        ['a\u202e.lock', 'x'],
        ['b', 'y'],
      ],
    ],
    [
      'is longer than paths are',
      [
        ['a'.repeat(301), 'x'],
        ['b', 'y'],
      ],
    ],
  ])('with a file whose name %s is refused, and nothing is kept', async (_, files) => {
    const { status, body } = await submit(...(await formOf(files)));
    expect([status, body['code']]).toEqual([400, 'input.invalid']);
    expect(body['errors']).toMatchObject([
      { in: 'form', pointer: expect.stringMatching(/^\/file\/[01]$/) as string },
    ]);
    expect(await told()).toEqual([]);
  });

  it('needs what forms need, a type, and room', async () => {
    const [body, headers] = await formOf([['a', 'x']]);
    expect((await submit(body, { 'content-type': headers['content-type'] })).body['code']).toBe(
      'input.client-header-missing',
    );
    expect((await submit(body, headers, '?lane=bulk')).body['code']).toBe('input.invalid');
    expect((await submit('{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await submit(new Uint8Array(30_000))).body['code']).toBe('input.too-large');
    expect(
      (
        await submit(
          ...(await formOf([
            ['a', 'x'.repeat(15_000)],
            ['b', 'x'.repeat(15_000)],
          ])),
        )
      ).body['code'],
    ).toBe('input.too-large');
    expect((await submit(...(await formOf([])))).body['errors']).toMatchObject([{ pointer: '/file' }]);
    const many = Array.from({ length: 501 }, (_, at): [string, string] => [`${at}`, '']);
    expect((await submit(...(await formOf(many)))).status).toBe(400);
    expect((await submit(zip, zipType, '?format=yarn-lock')).body['code']).toBe('input.invalid');
    expect((await submit(zip, zipType, '?scope=none')).body['code']).toBe('scope.unknown');
    expect(await told()).toEqual([]);
  });

  it('with a key that was used before is the batch that it was, or a conflict', async () => {
    const key = { ...zipType, 'idempotency-key': 'once' };
    const first = await submit(zip, key);
    const again = await submit(zip, key);
    expect(again).toMatchObject({ status: 202, body: { id: first.body['id'], repeated: true } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await submit(zip, key, '?lane=bulk')).body['code']).toBe('idempotency.mismatch');
    const other = new Uint8Array(zipOf({ b: '' }));
    expect((await submit(other, key)).status).toBe(409);
    expect((await submit(zip, key, '?requester=noor')).body['repeated']).toBe(false);
    expect(await told()).toHaveLength(2);
  });

  it('is refused while too much waits for the broker', async () => {
    await own`insert into outbox_waiting select -number from generate_series(2, ${deps.outboxMax + 1}) as number`;
    const refused = await submit(zip);
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'backend.backlog',
      '30',
    ]);
  });
});

describe('the files of a batch', () => {
  it('are listed with the standing of their requests, page by page', async () => {
    const id = uuidV7();
    const requestId = await insertRequest(read, ['a', 'b'], { batchId: id, completed: true });
    await read`update requests set ended_items = 2, counts = '{"approve":1,"review":1}' where id = ${requestId}`;
    const files = [
      { path: 'a/package-lock.json', result: 'request', requestId },
      { path: 'later/package-lock.json', result: 'request', requestId: uuidV7() },
      { path: 'b/package-lock.json', result: 'refused', reason: { code: 'lockfile.invalid', message: 'no' } },
      { path: 'README.md', result: 'ignored', reason: { code: 'file.other', message: 'no' } },
    ];
    await insertBatch(read, { id, files });
    const all = await getJson(app, `/v1/batches/${id}/files`);
    expect(all.body.items).toMatchObject([
      {
        path: 'a/package-lock.json',
        state: 'completed',
        itemCount: 2,
        counts: { approve: 1, review: 1 },
        reason: null,
      },
      { path: 'later/package-lock.json', state: 'queued', itemCount: null },
      { result: 'refused', state: null, requestId: null, reason: { code: 'lockfile.invalid' } },
      { result: 'ignored' },
    ]);
    const page = await getJson(app, `/v1/batches/${id}/files?limit=3`);
    const rest = await getJson(app, `/v1/batches/${id}/files?limit=3&cursor=${page.body.nextCursor}`);
    expect(rest.body.items.map(({ path }: { path: string }) => path)).toEqual(['README.md']);
    const refused = await getJson(app, `/v1/batches/${id}/files?result=refused`);
    expect(refused.body.items).toHaveLength(1);
    expect((await getJson(app, `/v1/batches/${uuidV7()}/files`)).body.code).toBe('batch.not-found');
  });
});

describe('progress', () => {
  it('is that of all requests together, and the batch has its state', async () => {
    const id = await insertBatch(read, { submittedAt: new Date(Date.now() - 100_000).toISOString() });
    const requests = [
      await insertRequest(read, ['a', 'b'], { batchId: id }),
      await insertRequest(read, ['c', 'd'], { batchId: id, completed: true }),
    ];
    await read`update requests set ended_items = 1, counts = '{"approve":1}' where id = ${requests[0]!}`;
    await read`update requests set ended_items = 2, counts = '{"approve":1,"failed":1,"review":0}' where id = ${requests[1]!}`;
    const shown = await getJson(app, `/v1/batches/${id}`);
    expect(shown.body).toMatchObject({
      state: 'open',
      requests: { open: 1, completed: 1 },
      itemCount: 4,
      endedItems: 3,
      progress: 0.75,
      counts: { approve: 2, failed: 1 },
      etaSeconds: null,
    });
    const etag = shown.headers.get('etag')!;
    await read`update batches set completed_at = now() where id = ${id}`;
    const done = await app.request(`/v1/batches/${id}`, { headers: { 'if-none-match': etag } });
    expect(done.status).toBe(200);
    expect(await done.json()).toMatchObject({ state: 'completed', progress: 1 });
    expect((await getJson(app, `/v1/requests?batch=${id}`)).body.items).toMatchObject([
      { batchId: id },
      { batchId: id },
    ]);
    expect((await getJson(app, `/v1/requests?batch=${uuidV7()}`)).body.items).toEqual([]);
  });
});

describe('the list of batches', () => {
  it('is newest first, by pages, with filters for each state', async () => {
    const at = (minute: number) => `2026-03-01T09:${minute}:00.000Z`;
    const ids = {
      queued: await insertBatch(read, { submittedAt: at(10), isOpened: false }),
      open: await insertBatch(read, { submittedAt: at(11) }),
      completed: await insertBatch(read, { submittedAt: at(12), completed: true, requester: 'noor' }),
      failed: await insertBatch(read, {
        submittedAt: at(13),
        completed: true,
        failure: { code: 'batch.no-files', detail: 'none' },
      }),
      cancelled: await insertBatch(read, { submittedAt: at(14), cancelled: true, scope: 'team-a' }),
    };
    const idsOf = async (query: string) =>
      ((await getJson(app, `/v1/batches${query}`)).body.items as { id: string }[]).map(({ id }) => id);
    expect(await idsOf('')).toEqual([ids.cancelled, ids.failed, ids.completed, ids.open, ids.queued]);
    for (const [state, id] of Object.entries(ids)) {
      expect(await idsOf(`?state=${state}`)).toEqual([id]);
      expect((await getJson(app, `/v1/batches/${id}`)).body.state).toBe(state);
    }
    expect(await idsOf('?scope=team-a')).toEqual([ids.cancelled]);
    expect(await idsOf('?requester=noor')).toEqual([ids.completed]);
    const page = await getJson(app, '/v1/batches?limit=2');
    expect(await idsOf(`?limit=9&cursor=${page.body.nextCursor}`)).toEqual([
      ids.completed,
      ids.open,
      ids.queued,
    ]);
    expect((await getJson(app, `/v1/batches/${ids.failed}`)).body.failure).toMatchObject({
      code: 'batch.no-files',
      remedy: expect.stringContaining('lockfiles') as string,
    });
  });
});

describe('the report of a batch', () => {
  it('has the items of all files, and each package version once', async () => {
    const id = await insertBatch(read);
    await insertRequest(read, ['a', 'b'], { batchId: id, filename: 'web/package-lock.json' });
    await insertRequest(read, ['a'], { batchId: id, filename: 'api/package-lock.json' });
    await insertPackage(read, 'a', { outcome: 'review' });
    const { body } = await getJson(app, `/v1/batches/${id}/report`);
    expect(body.requests.map(({ request }: { request: { filename: string } }) => request.filename)).toEqual([
      'api/package-lock.json',
      'web/package-lock.json',
    ]);
    expect(body.packages).toMatchObject([
      { purl: purlOf('a'), files: ['api/package-lock.json', 'web/package-lock.json'] },
      { purl: purlOf('b'), files: ['web/package-lock.json'] },
    ]);
    const csv = await app.request(`/v1/batches/${id}/report?format=csv`);
    expect((await csv.text()).split('\r\n')).toHaveLength(5);
    for (const format of ['sarif', 'cyclonedx', 'spdx', 'vex', 'html', 'markdown', 'junit'])
      expect((await app.request(`/v1/batches/${id}/report?format=${format}`)).status).toBe(200);
  });
});

describe('the report of a batch with files that could not be read', () => {
  it('names them, and why the batch failed', async () => {
    const reason = { code: 'lockfile.invalid', message: 'It is cut off.' };
    const files = [
      { path: 'web/package-lock.json', result: 'refused', reason },
      { path: 'README.md', result: 'ignored', reason: { code: 'file.other', message: 'no lockfile' } },
    ];
    const id = await insertBatch(read, { files });
    expect((await getJson(app, `/v1/batches/${id}/report`)).body.unread).toEqual([
      { file: 'web/package-lock.json', ...reason },
    ]);
    const junit = await (await app.request(`/v1/batches/${id}/report?format=junit`)).text();
    expect(junit).toContain('<error type="lockfile.invalid"');
    const failed = await insertBatch(read, { failure: { code: 'batch.no-files', detail: 'None.' } });
    expect((await getJson(app, `/v1/batches/${failed}/report`)).body.unread).toMatchObject([
      { code: 'batch.no-files' },
    ]);
  });
});

describe('the events of a batch', () => {
  it('are those of the batch, its requests and their packages', async () => {
    const id = uuidV7();
    const requestId = await insertRequest(read, ['a'], { position: 12, batchId: id });
    await insertBatch(read, { id, position: 10, files: [{ path: 'a', result: 'request', requestId }] });
    await insertEvent(read, 9, purlOf('a'), 'pkg.requested');
    await insertEvent(read, 10, id, 'batch.submitted');
    await insertEvent(read, 12, requestId, 'request.submitted');
    await insertEvent(read, 13, purlOf('other'), 'pkg.requested');
    await insertEvent(read, 14, purlOf('a'), 'pkg.licensed');
    const response = await app.request(`/v1/batches/${id}/events`);
    const reader = response.body!.getReader();
    let text = '';
    while (!text.includes('id: 14')) text += Buffer.from((await reader.read()).value!).toString();
    await reader.cancel();
    expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, position]) => Number(position))).toEqual([10, 12, 14]);
    expect((await app.request(`/v1/batches/${uuidV7()}/events`)).status).toBe(404);
  });
});

describe('commands', async () => {
  const aggregator = await connectBus({ url: nats.url, service: 'aggregator', instance: 't', log: deps.log });
  afterAll(() => aggregator.close());
  const sent: object[] = [];
  let refusals = 0;
  serveCommand(
    aggregator,
    cancelBatchCommand,
    async (input) => {
      sent.push(input);
      if (refusals > 0) {
        refusals -= 1;
        throw new PermanentError('batch.not-found');
      }
      return { batchId: input.batchId, requests: 2 };
    },
    deps.log,
  );
  serveCommand(
    aggregator,
    retryCommand,
    async (input) => {
      sent.push(input);
      return { items: 3, requests: 2, packages: 3 };
    },
    deps.log,
  );
  const act = async (path: string) => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"by":"noor","reason":"r"}',
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  beforeEach(() => void sent.splice(0));

  it('are passed on with who acts and why', async () => {
    const id = await insertBatch(read);
    expect(await act(`/v1/batches/${id}/cancel`)).toEqual({
      status: 200,
      body: { batchId: id, requests: 2 },
    });
    expect(await act(`/v1/batches/${id}/retry`)).toMatchObject({ status: 202, body: { items: 3 } });
    expect(sent).toMatchObject([
      { batchId: id, by: 'noor', reason: 'r' },
      { batchId: id, requestId: null, by: 'noor' },
    ]);
  });

  it('wait for a batch that was accepted, and not for one that was not', async () => {
    const accepted = (await submit(zip)).body['id'] as string;
    refusals = 2;
    expect((await act(`/v1/batches/${accepted}/cancel`)).status).toBe(200);
    refusals = 1;
    expect((await act(`/v1/batches/${uuidV7()}/cancel`)).body['code']).toBe('batch.not-found');
  });

  it('a batch whose message got lost is published again, once', async () => {
    let known: string[] = [];
    serveCommand(
      aggregator,
      knownBatchesCommand,
      async ({ batchIds }) => ({ known: batchIds.filter((id) => known.includes(id)), opened: [] }),
      deps.log,
    );
    const id = (await submit(zip)).body['id'] as string;
    await own`update batches set submitted_at = now() - interval '1 minute'`;
    await own`truncate outbox, outbox_waiting`;
    expect(await reconcileSubmissions(deps)).toBe(1);
    expect((await told()).map(({ data }) => data.batchId)).toEqual([id]);
    known = [id];
    expect(await reconcileSubmissions(deps)).toBe(0);
    expect(await own`select taken_in_at is not null as "isTakenIn" from batches`).toEqual([
      { isTakenIn: true },
    ]);
  });
});
