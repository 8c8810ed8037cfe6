import { readdir } from 'node:fs/promises';
import { decodeData, decodeEnvelope, requestSubmitted, submissionSchema } from '@sluice/contracts';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { getJson, testGateway } from '../gateway-kit.ts';

const { app, deps, folder } = await testGateway({ bodyMaxBytes: 20_000, bodyTimeoutMs: 50 });
const { own } = deps;
beforeEach(() => own`truncate submissions, outbox, outbox_waiting`);

const lockfile = packageLock(3, [
  { name: 'a', version: '1.0.0' },
  { name: 'b', version: '2.0.0' },
]);

async function submit(body: string | ArrayBuffer, headers: Record<string, string> = {}, query = '') {
  const response = await app.request(`/v1/requests${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  } as RequestInit);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
const outbox = () => own<{ subject: string; payload: string; headers: Record<string, string> }[]>`
  select subject, payload, headers from outbox order by position`;
async function form(fields: Record<string, string | string[] | Blob>) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields))
    for (const each of Array.isArray(value) ? value : [value])
      if (typeof each === 'string') data.append(name, each);
      else data.append(name, each, 'package-lock.json');
  const encoded = new Response(data);
  return {
    body: await encoded.arrayBuffer(),
    headers: { 'content-type': encoded.headers.get('content-type')!, 'x-sluice-client': 'test' },
  };
}

describe('a list of purls', () => {
  const text = 'pkg:npm/a@1.0.0\npkg:deb/debian/curl@7.88\n';

  it('is taken in, with what is of another ecosystem listed', async () => {
    const { status, body } = await submit(text, { 'content-type': 'application/octet-stream' });
    expect({ status, body }).toMatchObject({ status: 202, body: { itemCount: 2, entryCount: 2 } });
    const [message] = await outbox();
    const { listDigest, format } = decodeData(requestSubmitted, decodeEnvelope(message!.payload)).data;
    expect(format).toBe('purls@1');
    const list = submissionSchema.parse(JSON.parse(String(await deps.artifacts.read(listDigest, 100_000))));
    expect(list.items.map(({ purl, unassessable }) => purl ?? unassessable?.code)).toEqual([
      'pkg:npm/a@1.0.0',
      'source.ecosystem',
    ]);
  });

  it('is read as the format that the client names, which is part of what an idempotency key stands for', async () => {
    const refused = await submit(text, {}, '?format=yarn-lock');
    expect(refused).toMatchObject({ status: 422, body: { code: 'lockfile.invalid' } });
    const unknown = await submit(text, {}, '?format=nothing');
    expect(unknown).toMatchObject({
      status: 400,
      body: { code: 'input.invalid', errors: [{ pointer: '/format' }] },
    });
    const key = { 'idempotency-key': 'formats' };
    expect(await submit(text, key, '?format=purls')).toMatchObject({ status: 202 });
    expect(await submit(text, key)).toMatchObject({ status: 409 });
  });
});

describe('a full outbox', () => {
  it('refuses with a time to come back, takes nothing in, and knows what it has', async () => {
    const answer = await submit(lockfile, { 'idempotency-key': 'known' });
    await own`
      insert into outbox_waiting select -number from generate_series(2, ${deps.outboxMax}) as number`;
    const refused = await submit(lockfile, { 'idempotency-key': 'new' });
    expect(refused).toMatchObject({ status: 503, body: { code: 'backend.backlog' } });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect((await own`select 1 from submissions`).length).toBe(1);
    const repeated = await submit(lockfile, { 'idempotency-key': 'known' });
    expect(repeated).toMatchObject({ status: 202, body: { id: answer.body['id'], repeated: true } });
    await own`delete from outbox_waiting`;
    expect(await submit(lockfile, { 'idempotency-key': 'new' })).toMatchObject({ status: 202 });
  });
});

describe('a submission', () => {
  it('is answered with 202 and its place, and is durable: request, list and event', async () => {
    const answer = await submit(
      lockfile,
      {},
      '?lane=bulk&requester=mira&filename=lock.json&label=team=a&label=x/y=',
    );
    expect(answer).toMatchObject({ status: 202, body: { itemCount: 2, entryCount: 2, repeated: false } });
    const id = answer.body['id'] as string;
    expect(answer.headers.get('location')).toBe(`/v1/requests/${id}`);
    const [message] = await outbox();
    expect(message!.subject).toBe('request.submitted.bulk');
    const event = decodeData(requestSubmitted, decodeEnvelope(message!.payload));
    expect(event.data).toMatchObject({
      requestId: id,
      lane: 'bulk',
      requester: 'mira',
      filename: 'lock.json',
      labels: { team: 'a', 'x/y': '' },
      format: 'npm-package-lock@3',
    });
    const stored = await deps.artifacts.read(event.data.listDigest, 100_000);
    const list = submissionSchema.parse(JSON.parse(stored.toString()));
    expect(list.items.map(({ purl }) => purl)).toEqual(['pkg:npm/a@1.0.0', 'pkg:npm/b@2.0.0']);
    // Before any read model knows of it.
    const shown = await getJson(app, `/v1/requests/${id}`);
    expect(shown.body).toMatchObject({ id, state: 'queued', itemCount: 2, open: { queued: 2 } });
    expect((await getJson(app, `/v1/requests/${id}/items`)).body).toEqual({ items: [], nextCursor: null });
    expect(message!.headers['traceparent']?.split('-')[1]).toBe(shown.body.traceId);
  });

  it('may be a form, with the parameters beside the file', async () => {
    const { body, headers } = await form({
      file: new Blob([lockfile]),
      lane: 'bulk',
      requester: 'noor',
      label: ['a=1', 'b=2'],
    });
    const answer = await submit(body, headers);
    expect(answer.status).toBe(202);
    expect((await getJson(app, `/v1/requests/${answer.body['id'] as string}`)).body).toMatchObject({
      lane: 'bulk',
      requester: 'noor',
      labels: { a: '1', b: '2' },
      filename: 'package-lock.json',
    });
  });
});

describe('platforms of a submission', () => {
  const forOthers = {
    ...(JSON.parse(packageLock(3, [{ name: 'a', version: '1.0.0' }])) as { packages: object }),
  };
  forOthers.packages = {
    ...forOthers.packages,
    'node_modules/win': { version: '1.0.0', optional: true, os: ['win32'], cpu: ['x64'] },
  };
  const lock = JSON.stringify(forOthers);

  it.each<[string, string[], (string | null)[]]>([
    ['', [], ['pkg:npm/a@1.0.0', 'pkg:npm/win@1.0.0']],
    ['?platform=all', [], ['pkg:npm/a@1.0.0', 'pkg:npm/win@1.0.0']],
    ['?platform=linux-x64&platform=all', [], ['pkg:npm/a@1.0.0', 'pkg:npm/win@1.0.0']],
    ['?platform=linux-x64-musl', ['linux-x64-musl'], ['pkg:npm/a@1.0.0', null]],
    [
      '?platform=linux-x64&platform=darwin-arm64&platform=linux-x64',
      ['darwin-arm64', 'linux-x64'],
      ['pkg:npm/a@1.0.0', null],
    ],
    [
      '?platform=linux-x64&platform=win32-x64',
      ['linux-x64', 'win32-x64'],
      ['pkg:npm/a@1.0.0', 'pkg:npm/win@1.0.0'],
    ],
  ])('%j are %j, in the request, its event and its list', async (query, platforms, purls) => {
    const answer = await submit(lock, {}, query);
    expect(answer).toMatchObject({ status: 202, body: { itemCount: 2, entryCount: 2 } });
    const shown = await getJson(app, `/v1/requests/${answer.body['id'] as string}`);
    expect(shown.body).toMatchObject({ platforms });
    const { data } = decodeData(requestSubmitted, decodeEnvelope((await outbox())[0]!.payload));
    expect(data.platforms).toEqual(platforms);
    const list = submissionSchema.parse(
      JSON.parse((await deps.artifacts.read(data.listDigest, 100_000)).toString()),
    );
    expect(list.items.map(({ purl }) => purl)).toEqual(purls);
  });

  it('may be parts of a form', async () => {
    const { body, headers } = await form({ file: new Blob([lock]), platform: ['linux-x64', 'aix-ppc64'] });
    const answer = await submit(body, headers);
    const shown = await getJson(app, `/v1/requests/${answer.body['id'] as string}`);
    expect(shown.body).toMatchObject({ platforms: ['aix-ppc64', 'linux-x64'] });
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'build 4711' };

  it('makes a repeated submission one request, also when both come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(lockfile, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.filter(({ body }) => !body['repeated'])).toHaveLength(1);
    expect(await outbox()).toHaveLength(1);
  });

  it('that was used for something else is a conflict, and nothing is taken in', async () => {
    await submit(lockfile, key);
    const other = packageLock(3, [{ name: 'c', version: '1.0.0' }]);
    const others = [
      await submit(other, key),
      await submit(lockfile, key, '?lane=bulk'),
      await submit(lockfile, key, '?filename=other.json'),
      await submit(lockfile, key, '?label=team=b'),
      await submit(lockfile, key, '?platform=linux-x64'),
    ];
    for (const answer of others)
      expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency.mismatch' } });
    expect(await outbox()).toHaveLength(1);
  });

  it('belongs to its requester: the same key of another requester is another', async () => {
    const ids = await Promise.all(
      ['mira', 'noor', 'mira', 'noor'].map(async (name) => {
        const { status, body } = await submit(lockfile, key, `?requester=${name}`);
        expect(status).toBe(202);
        return body['id'];
      }),
    );
    expect([ids[2], ids[3]]).toEqual([ids[0], ids[1]]);
    expect(new Set(ids).size).toBe(2);
    expect(await outbox()).toHaveLength(2);
  });

  it('that was used before is told by a header, too', async () => {
    expect((await submit(lockfile, key)).headers.get('idempotency-replayed')).toBeNull();
    expect((await submit(lockfile, key)).headers.get('idempotency-replayed')).toBe('true');
  });

  it.each(['', 'x'.repeat(201)])('of the wrong length is refused', async (wrong) => {
    expect(await submit(lockfile, { 'idempotency-key': wrong })).toMatchObject({ status: 400 });
  });
});

describe('what cannot be taken in', () => {
  const deep = `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`;
  it.each<[string, string, Record<string, string>, string, number, string]>([
    ['no JSON', '{', {}, '', 400, 'input.not-json'],
    ['JSON that is far too deep', deep, {}, '', 400, 'input.too-deep'],
    ['a key that is none', '{"__proto__":{}}', {}, '', 400, 'input.unsafe-key'],
    ['a duplicate key', '{"lockfileVersion":3,"lockfileVersion":3}', {}, '', 400, 'input.unsafe-key'],
    ['some other JSON', '{"a":1}', {}, '', 422, 'lockfile.unknown-format'],
    [
      'a lockfile from the future',
      '{"lockfileVersion":99,"packages":{}}',
      {},
      '',
      422,
      'lockfile.unknown-version',
    ],
    [
      'another media type',
      lockfile,
      { 'content-type': 'application/xml' },
      '',
      415,
      'input.unsupported-media-type',
    ],
    ['no media type', lockfile, { 'content-type': '' }, '', 415, 'input.unsupported-media-type'],
    ['a compressed body', lockfile, { 'content-encoding': 'gzip' }, '', 415, 'input.unsupported-media-type'],
    ['a body that says it is too large', lockfile, { 'content-length': '20001' }, '', 413, 'input.too-large'],
    ['a body that is too large', ' '.repeat(20_001), {}, '', 413, 'input.too-large'],
    ['a lane that is none', lockfile, {}, '?lane=express', 400, 'input.invalid'],
    ['a label that is none', lockfile, {}, '?label=team', 400, 'input.invalid'],
    ['a label with a control character', lockfile, {}, '?label=team=%1b[31m', 400, 'input.invalid'],
    ['too many labels', lockfile, {}, `?${'label=a=b&'.repeat(21)}`, 400, 'input.invalid'],
    ['a requester that is too long', lockfile, {}, `?requester=${'x'.repeat(201)}`, 400, 'input.invalid'],
    [
      'a form that is none',
      'x',
      { 'content-type': 'multipart/form-data; boundary=y', 'x-sluice-client': 'test' },
      '',
      400,
      'input.invalid',
    ],
    [
      'a form without the header that pages cannot send',
      'x',
      { 'content-type': 'multipart/form-data; boundary=y' },
      '',
      400,
      'input.client-header-missing',
    ],
    [
      'plain text, which pages can send',
      lockfile,
      { 'content-type': 'text/plain' },
      '',
      415,
      'input.unsupported-media-type',
    ],
    ['a platform that nobody knows', lockfile, {}, '?platform=windows-x64', 400, 'input.invalid'],
    ['a platform without a processor', lockfile, {}, '?platform=linux', 400, 'input.invalid'],
    ['too many platforms', lockfile, {}, `?${'platform=linux-x64&'.repeat(21)}`, 400, 'input.invalid'],
    ['a label twice', lockfile, {}, '?label=team=a&label=team=b', 400, 'input.invalid'],
    ['a requester twice', lockfile, {}, '?requester=a&requester=b', 400, 'input.invalid'],
    ['a requester of spaces', lockfile, {}, '?requester=%20%20', 400, 'input.invalid'],
    ['a requester turned around', lockfile, {}, '?requester=%E2%80%AEarim', 400, 'input.invalid'],
    ['a file name with C1', lockfile, {}, '?filename=a%C2%9Bb', 400, 'input.invalid'],
    ['a parameter that is not known', lockfile, {}, '?lan=bulk', 400, 'input.invalid'],
    ['a key that is not printable', lockfile, { 'idempotency-key': 'ä' }, '', 400, 'input.invalid'],
  ])('%s', async (_, body, headers, query, status, code) => {
    const before = (await readdir(folder, { recursive: true })).length;
    const answer = await submit(body, headers, query);
    expect(answer).toMatchObject({
      status,
      body: { status, code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await outbox()).toHaveLength(0);
    expect((await readdir(folder, { recursive: true })).length).toBe(before);
  });

  it('a form without a file, or with one that is too large', async () => {
    const without = await form({ lane: 'bulk' });
    expect(await submit(without.body, without.headers)).toMatchObject({ status: 400 });
    const large = await form({ file: new Blob([' '.repeat(20_001)]) });
    expect(await submit(large.body, large.headers)).toMatchObject({ status: 413 });
  });

  it.each<[string, Record<string, string | string[]>, string]>([
    ['a part that is not known', { lan: 'bulk' }, '/lan'],
    ['a part twice', { lane: ['bulk', 'bulk'] }, '/lane'],
    ['a requester of spaces', { requester: ' ' }, '/requester'],
    ['a requester with an escape', { requester: 'a\u001b[2J' }, '/requester'],
    ['a label that hides something', { label: ['a=1', 'b=\u200b'] }, '/label/1'],
    ['a lane that is none', { lane: 'express' }, '/lane'],
    ['a platform in capitals', { platform: ['linux-x64', 'Darwin-arm64'] }, '/platform/1'],
  ])('a form with %s, named by its place', async (_, fields, pointer) => {
    const { body, headers } = await form({ file: new Blob([lockfile]), ...fields });
    const answer = await submit(body, headers);
    expect(answer).toMatchObject({ status: 400, body: { code: 'input.invalid' } });
    expect(answer.body['errors']).toMatchObject([{ in: 'form', pointer }]);
    expect(await outbox()).toHaveLength(0);
  });

  it('a form with parameters in the query, where they would not count', async () => {
    const { body, headers } = await form({ file: new Blob([lockfile]) });
    const answer = await submit(body, headers, '?lane=bulk');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ in: 'query', pointer: '/lane' }] } });
  });

  it('a form of thousands of parts, before they are parsed', async () => {
    const part = '--y\r\ncontent-disposition: form-data; name="label"\r\n\r\n\r\n';
    const body = `${part.repeat(250)}--y--\r\n`;
    for (const type of ['multipart/form-data; boundary=y', 'multipart/form-data; boundary="y"']) {
      const answer = await submit(body, { 'content-type': type, 'x-sluice-client': 'test' });
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('100 parts') } });
    }
    const doubled = 'multipart/form-data; boundary=z; boundary=y';
    const answer = await submit(body, { 'content-type': doubled, 'x-sluice-client': 'test' });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('boundary') } });
  });

  it('a body that never ends', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const request = new Request('http://localhost/v1/requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit);
    const response = await app.request(request);
    expect(response.status).toBe(408);
    expect(await response.json()).toMatchObject({ code: 'input.slow-body' });
  });

  it('leaves Object.prototype as it was', async () => {
    await submit('{"lockfileVersion":3,"packages":{"constructor":{"prototype":{"polluted":1}}}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
