import { uuidV7 } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { testGateway } from '../gateway-kit.ts';

const { app } = await testGateway();

interface Problem {
  code: string;
  detail: string;
  errors?: { in: string; pointer: string; detail: string }[];
}
async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await app.request(path, {
    method,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json', ...headers } }),
  });
  const text = await response.text();
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  return { status: response.status, problem: (isProblem ? JSON.parse(text) : null) as Problem | null };
}

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
}
interface Operation {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
const document = (await (await app.request('/openapi.json')).json()) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const examples: Record<string, string> = {
  id: uuidV7(),
  purl: encodeURIComponent('pkg:npm/a@1.0.0'),
  stage: 'scan',
  host: 'registry.example',
  service: 'scanner',
  instance: 'one',
  sequence: '1',
  delivery: uuidV7(),
  key: 'k3F9aQ2LmZx0',
  session: uuidV7(),
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    title: `${method.toUpperCase()} ${path}`,
    type: Object.keys(operation.requestBody?.content ?? {})[0] ?? 'application/json',
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => examples[name]!),
    operation,
  })),
);
const resolve = (schema: Schema): Schema =>
  schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)!]! : schema;
const commands = operations.filter(
  ({ operation, path }) =>
    operation.requestBody?.content['application/json'] &&
    !operation.requestBody.content['multipart/form-data'] &&
    // Git hosts send what they please, and sign it.
    !path.endsWith('/hook'),
);
const pages = ['/docs', '/docs/scalar.js', '/docs/start.js', '/openapi.json'].map((path) => ({
  title: `GET ${path}`,
  method: 'GET',
  path,
  operation: {} as Operation,
}));

describe.each([...operations, ...pages])('$title', ({ method, path, operation }) => {
  const known = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const body = operation.requestBody ? '{"by":"mira","reason":"needed"}' : undefined;

  it.each(['bogus=1', '__proto__=1', '=1', 'constructor=1'])('refuses the query %s', async (query) => {
    const { status, problem } = await ask(method, `${path}?${query}`, body);
    expect([status, problem?.code]).toEqual([400, 'input.invalid']);
    expect(problem!.errors).toMatchObject([{ in: 'query', pointer: `/${query.split('=')[0]}` }]);
    for (const { name } of known) expect(problem!.detail).toContain(name);
  });
});

const filtered = operations.flatMap(({ title, method, path, type, operation }) =>
  (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => ({
      title: `${title}?${name}`,
      method,
      path,
      type,
      name,
      isList: schema.type === 'array',
    })),
);
it.each(filtered)('$title is refused when it is given twice and counts once', async (parameter) => {
  const { method, path, type, name, isList } = parameter;
  const body = method === 'POST' ? '{}' : undefined;
  const { status, problem } = await ask(method, `${path}?${name}=1&${name}=1`, body, {
    'content-type': type,
  });
  expect(status).toBe(400);
  const said = problem!.detail.includes(`"${name}" may be given once`);
  expect(said).toBe(!isList);
});

describe.each(commands)('the body of $title', ({ method, path, operation }) => {
  const schema = resolve(operation.requestBody!.content['application/json']!.schema);
  /** Sends a body with one fault at least; each is named, so that other missing fields do not matter. */
  const refuse = async (body: string) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(400);
    return (answer.problem!.errors ?? []).map(({ pointer }) => pointer);
  };
  const valid = {
    by: 'mira',
    reason: 'needed',
    lane: 'bulk',
    stage: 'scan',
    ...(path === '/v1/keys' ? { name: 'ci', kind: 'service', roles: ['viewer'] } : {}),
    ...(path === '/v1/auth/exchange' ? { token: 'a.b.c' } : {}),
    ...(path.endsWith('/approve-in-emergency') ? { ticket: 'INC-7', hours: 8 } : {}),
    ...(path === '/v1/auth/invitation' ? { invitation: 'i' } : {}),
    ...(path === '/v1/auth/device' ? { client: 'c' } : {}),
    ...(path === '/v1/auth/device/token' ? { deviceCode: 'd' } : {}),
    ...(path === '/v1/auth/device/find' ? { userCode: 'b' } : {}),
    ...(path === '/v1/auth/device/decide' ? { userCode: 'b', decision: 'deny' } : {}),
    ...(path === '/v1/webhooks' ? { name: 'ci', url: 'https://receiver.example/' } : {}),
    since: '2026-03-01T00:00:00Z',
    ...(path.startsWith('/v1/decisions')
      ? { decision: 'approve', code: 'license.review', expectedCount: 0 }
      : {}),
    ...(path === '/v1/policies/try' ? { policy: 'version: 1' } : {}),
    ...(path === '/v1/waivers'
      ? { package: 'pkg:npm/a', codes: ['advisory.high'], until: '2027-01-01T00:00:00Z' }
      : {}),
    ...(path === '/v1/projects' ? { name: 'ci', source: { git: 'https://git.example/a' } } : {}),
  };
  const fields = Object.fromEntries(Object.entries(valid).filter(([name]) => name in schema.properties!));
  const withField = (field: string) =>
    `{${[field, JSON.stringify(fields).slice(1, -1)].filter(Boolean).join(',')}}`;

  it('has no field that is not known', async () => {
    expect(schema.additionalProperties).toBe(false);
    for (const name of ['expires', 'Until', 'toString', 'constructor'])
      expect(await refuse(withField(`"${name}":"2027-01-01"`))).toEqual([`/${name}`]);
  });

  it('has no key twice and none of a prototype', async () => {
    expect(await refuse(`{"by":"a","by":"b","reason":"r"}`)).toEqual(['/by']);
    expect(await refuse(withField('"__proto__":{"by":"x"}'))).toEqual(['/__proto__']);
    expect(await refuse(withField('"constructor":{"prototype":{}}'))).toEqual(['/constructor/prototype']);
    expect(await refuse(`{"by":${'['.repeat(100)}${']'.repeat(100)}}`)).toEqual([`/by${'/0'.repeat(63)}`]);
  });

  it.each([
    ['blank', '   '],
    ['empty', ''],
    ['an escape sequence', '\\u001b[2J'],
    ['C1', '\\u009b2J'],
    ['DEL', 'a\\u007f'],
    ['NUL', 'x\\u0000y'],
    ['half a surrogate pair', 'a\\ud800'],
    ['turned around', 'a\\u202eb'],
    ['isolated', 'a\\u2067b'],
    ['of zero width', 'a\\u200bb'],
    ['two lines', 'a\\nb'],
  ])('names nobody and no reason that is %s', async (_, text) => {
    for (const name of ['by', 'reason'].filter((one) => one in schema.properties!)) {
      const others = Object.entries(fields).filter(([other]) => other !== name);
      const body = JSON.stringify(Object.fromEntries(others)).replace(/\}$/, `,"${name}":"${text}"}`);
      expect(await refuse(body)).toContain(`/${name}`);
    }
  });

  it('is an object, in UTF-8, and as JSON only', async () => {
    for (const body of ['null', '[]', '1', '"by"']) expect(await refuse(body)).toEqual(['']);
    for (const body of ['', '{', `${JSON.stringify(fields)} x`])
      expect((await ask(method, path, body)).problem?.code).toBe('input.not-json');
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=y',
      '',
    ])
      expect((await ask(method, path, JSON.stringify(fields), { 'content-type': type })).status).toBe(415);
  });
});

const kinds = ['until', 'since', 'code', 'service', 'purl', 'rulesVersion', 'advisoriesVersion'];
const texts = commands.flatMap(({ title, path, operation }) => {
  const { properties = {} } = resolve(operation.requestBody!.content['application/json']!.schema);
  return Object.keys(properties)
    .filter((name) => kinds.includes(name))
    .map((name) => ({ title, path, name, isTime: name === 'until' || name === 'since' }));
});
it.each(texts)(
  '$name in the body of $title is text, or a time, of the same kind',
  async ({ path, name, isTime }) => {
    const wrong = ['a\\u0000', 'a\\u202e', ' '];
    const noTimes = ['2026-02-30T00:00:00Z', '2027-01-01', '0000-01-01T00:00:00Z', 'tomorrow'];
    for (const text of isTime ? [...wrong, ...noTimes] : wrong) {
      const { status, problem } = await ask('POST', path, `{"${name}":"${text}"}`);
      expect(status).toBe(400);
      expect(problem!.errors!.map(({ pointer }) => pointer)).toContain(`/${name}`);
    }
  },
);

it('a mistyped end is never an approval without one', async () => {
  const approve = `/v1/packages/${examples['purl']}/approve`;
  const why = { by: 'mira', reason: 'needed' };
  for (const end of [
    { expires: '2027-01-01T00:00:00Z' },
    { Until: '2027-01-01T00:00:00Z' },
    { until: '' },
    { until: '2027-01-01' },
    { until: '2027-02-30T00:00:00Z' },
    { until: '2027-01-01T00:00:00' },
    { until: 1_800_000_000 },
    { until: 0 },
    { until: false },
    { until: {} },
  ]) {
    const { status, problem } = await ask('POST', approve, JSON.stringify({ ...why, ...end }));
    expect(status).toBe(400);
    expect(problem!.errors).toMatchObject([{ in: 'body', pointer: `/${Object.keys(end)[0]}` }]);
  }
  expect((await ask('POST', approve, `${JSON.stringify(why).slice(0, -1)},"until":1e999}`)).status).toBe(400);
});

it.each([
  ['/v1/hosts/../pause', 404],
  ['/v1/hosts/%2e%2e/pause', 404],
  ['/v1/hosts/%252e%252e/pause', 400],
  ['/v1/hosts/nope../pause', 400],
  ['/v1/hosts/a%00b/pause', 400],
  ['/v1/hosts/a%2fb/pause', 400],
  ['/v1/workers/scanner/a%00b/drain', 400],
  ['/v1/workers/scanner/%E2%80%AEa/drain', 400],
  ['/v1/workers/scanner/%20/drain', 400],
  ['/v1/packages/pkg%3Anpm%2Fa%00%401.0.0/approve', 400],
  ['/v1/packages/%zz/approve', 400],
  ['/v1/packages/%ff/approve', 400],
])('the path %s is the client’s mistake', async (path, status) => {
  const answer = await ask('POST', path, '{"by":"mira","reason":"needed"}');
  expect(answer.status).toBe(status);
  expect(answer.problem?.code).toMatch(/^(?:input|purl|route)\./);
});

it.each(['0x10', '1e2', ' 5 ', '+5', '5.0', '-1', '', '0', '99999999999999999999', '٥'])(
  'a number in an address is written in digits: %j is none',
  async (text) => {
    const limit = await ask('GET', `/v1/packages?limit=${encodeURIComponent(text)}`);
    expect([limit.status, limit.problem!.errors![0]!.pointer]).toEqual([400, '/limit']);
    if (text === '') return;
    expect((await ask('GET', `/v1/dead-letters/${encodeURIComponent(text)}`)).status).toBe(400);
  },
);
