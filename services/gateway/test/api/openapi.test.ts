import { gunzipSync } from 'node:zlib';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Health, createLogger } from '@sluice/runtime';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { GatewayDeps } from '../../src/deps.ts';
import { isConsolePath } from '../../src/routes/about/console.ts';

// Nothing here asks a server: the document follows from the routes alone.
const isAllowedHost = (host: string) => host === 'localhost';
const log = createLogger('test', 'silent');
const deps = { health: new Health(), log, isAllowedHost } as unknown as GatewayDeps;
const app = createApp(deps);

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[];
  requestBody?: { content: Record<string, { schema?: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
}
const document = (await (await app.request('/openapi.json')).json()) as {
  openapi: string;
  tags: { name: string }[];
  info: Record<string, unknown>;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation,
    title: `${method} ${path}`,
  })),
);
/** Pages for people, and the document itself. */
const undocumented = [
  'GET /device',
  'GET /docs',
  'GET /docs/scalar.js',
  'GET /docs/start.js',
  'GET /openapi.json',
  'GET /pages/page.js',
  'GET /problems/{code}',
  'GET /setup',
  'GET /sign-in',
  'GET /sign-in/callback',
  'GET /signed-in',
];

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 with a name and a version', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Sluice', version: expect.any(String) as string });
  });

  it('keeps the recommended rules of the Redocly linter', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(document);
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  it('asks for a key, but for its public routes, and says that its own address is the server', () => {
    expect(document).toMatchObject({ security: [{ key: [] }], servers: [{ url: '/' }] });
  });

  it('leaves what has a default out of what is required: generators read it as required', () => {
    const defaults = Object.values(document.components.schemas).flatMap((schema) =>
      Object.entries((schema as { properties?: Record<string, object> }).properties ?? {}).filter(
        ([, property]) => 'default' in property,
      ),
    );
    expect(defaults).toEqual([]);
  });

  it('has nothing that has to be an object and null at once, as which references that may be null come out', () => {
    expect(JSON.stringify(document)).not.toMatch(/"allOf":\[\{"\$ref":"[^"]+"\},\{"type":\[[^\]]*"null"/);
  });

  it('has every route of the app, and no other', () => {
    const routes = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
      .filter((route) => !undocumented.includes(route) && !isConsolePath(route.replace('GET ', '')));
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(documented)].toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  it('gives every operation an id of its own, a summary and a tag', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary).toMatch(/./);
      expect(operation.tags).toHaveLength(1);
      expect(document.tags.map(({ name }) => name)).toContain(operation.tags![0]);
    }
  });

  it.each(operations)('$title says what each answer looks like', ({ operation }) => {
    const responses = Object.entries(operation.responses);
    expect(responses.some(([status]) => status.startsWith('2'))).toBe(true);
    for (const [status, { description, content }] of responses) {
      expect(description).toMatch(/./);
      const types = Object.keys(content ?? {});
      if (status === '304') {
        expect(types).toEqual([]);
        continue;
      }
      // A report, and an export, have a media type of their own in each format.
      const isRendered =
        ['getRequestReport', 'getBatchReport', 'exportAudit'].includes(operation.operationId ?? '') &&
        status === '200';
      if (!isRendered) expect(types).toHaveLength(1);
      expect(content![types[0]!]!.schema).toBeTypeOf('object');
      const isReport = operation.operationId === 'getReadiness' && status === '503';
      const isProblem = Number(status) >= 400 && !isReport;
      expect(types[0] === 'application/problem+json').toBe(isProblem);
    }
  });

  it.each(operations)('$title names the parameters of its path, and what it takes', ({ path, operation }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(declared.map(({ name }) => name)).toEqual(inPath);
    for (const parameter of operation.parameters ?? []) expect(parameter.schema).toBeTypeOf('object');
    for (const parameter of declared) expect(parameter.required).toBe(true);
    for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
      expect(schema).toBeTypeOf('object');
  });

  it('refers to nothing that is not in it', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas).toHaveProperty(reference.split('/').at(-1)!);
    }
  });
});

describe('/docs', () => {
  it('loads nothing from elsewhere', async () => {
    const page = await (await app.request('/docs')).text();
    const addresses = [...page.matchAll(/(?:src|href|url)\s*[=:]\s*["']([^"']+)/g)].map((match) => match[1]!);
    expect(addresses).toEqual(['/docs/scalar.js', '/docs/start.js']);
    expect(page).not.toMatch(/https?:\/\//);
  });

  it('has its script with it, compressed for whom that suits', async () => {
    const get = async (encoding: string) => {
      const response = await app.request('/docs/scalar.js', { headers: { 'accept-encoding': encoding } });
      expect(response.headers.get('content-type')).toContain('text/javascript');
      expect(response.headers.get('vary')).toBe('accept-encoding');
      return {
        encoding: response.headers.get('content-encoding'),
        body: Buffer.from(await response.arrayBuffer()),
      };
    };
    const plain = await get('');
    expect(plain.encoding).toBeNull();
    expect(plain.body.length).toBeGreaterThan(1_000_000);
    for (const encoding of ['br, gzip;q=0', 'deflate'])
      expect((await get(encoding)).body.equals(plain.body)).toBe(true);
    for (const encoding of ['gzip, deflate, br', 'br;q=1, GZIP;q=0.5']) {
      const { encoding: used, body } = await get(encoding);
      expect(used).toBe('gzip');
      expect(body.length).toBeLessThan(plain.body.length / 3);
      expect(gunzipSync(body).equals(plain.body)).toBe(true);
    }
  });

  it('runs nothing but its own scripts, and stands in no frame', async () => {
    for (const address of ['/docs', '/problems/input.invalid']) {
      const { headers } = await app.request(address);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });
});
