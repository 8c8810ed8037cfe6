import { Health, createLogger } from '@sluice/runtime';
import { describe, expect, it } from 'vitest';
import { authenticator } from '@sluice/identity';
import { createApp } from '../../src/app.ts';
import type { GatewayDeps } from '../../src/deps.ts';

// No route is reached here, so that none asks a server.
const deps = {
  health: new Health(),
  log: createLogger('test', 'silent'),
  isAllowedHost: () => true,
  authenticate: authenticator({
    findKey: () => null,
    localKey: undefined,
    isOpen: true,
    localName: 'mira',
  }),
};
const app = createApp(deps as unknown as GatewayDeps);
const id = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11';

describe('a method that an address does not take', () => {
  it.each([
    ['/v1/requests', 'GET, HEAD, POST, OPTIONS'],
    [`/v1/requests/${id}`, 'GET, HEAD, OPTIONS'],
    [`/v1/requests/${id}/cancel`, 'POST, OPTIONS'],
    ['/v1/dead-letters/redrive', 'GET, HEAD, POST, OPTIONS'],
    ['/v1/packages/pkg:npm/lodash@4.17.21', 'GET, HEAD, OPTIONS'],
    ['/v1/packages/pkg:npm/lodash@4.17.21/approve', 'POST, OPTIONS'],
    ['/openapi.json', 'GET, HEAD, OPTIONS'],
    ['/livez', 'GET, HEAD, OPTIONS'],
  ])('at %s is 405 with those it takes, before a body is read', async (address, allow) => {
    for (const method of [
      'PUT',
      'DELETE',
      'PATCH',
      'PROPFIND',
      ...(allow.includes('POST') ? [] : ['POST']),
    ]) {
      const response = await app.request(address, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      expect(await response.json()).toMatchObject({ code: 'route.method-not-allowed', status: 405 });
    }
    const options = await app.request(address, { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect(options.headers.get('allow')).toBe(allow);
    expect(await options.text()).toBe('');
  });

  it.each(['GET', 'POST', 'OPTIONS'])('where there is nothing is 404: %s', async (method) => {
    const response = await app.request('/v1/nowhere', { method });
    expect(response.status).toBe(404);
    expect(response.headers.get('allow')).toBeNull();
    expect(await response.json()).toMatchObject({ code: 'route.not-found' });
  });

  it('with a slash at the end of the address is 404, and the answer says so', async () => {
    for (const address of ['/v1/requests/', `/v1/requests/${id}/`, '/livez/']) {
      const body: unknown = await (await app.request(address)).json();
      expect(body).toMatchObject({
        code: 'route.not-found',
        detail: expect.stringContaining('Without the slash') as string,
      });
    }
    expect(await (await app.request('/v1/nowhere/')).json()).toMatchObject({
      detail: expect.not.stringContaining('slash') as string,
    });
  });
});

describe('Accept', () => {
  it.each([
    '*/*',
    '',
    'application/json',
    'application/*;q=0.5, text/html',
    'text/html, */*;q=0.1',
    'Application/JSON; charset=utf-8',
    'application/problem+json, application/json;q=0.001',
  ])('of "%s" is served', async (accept) => {
    expect((await app.request('/livez', { headers: { accept } })).status).toBe(200);
  });

  it.each(['application/xml', 'image/*', '*/*;q=0', 'application/*, */*;q=0', 'nonsense'])(
    'of "%s" leaves out every answer, which is 406',
    async (accept) => {
      for (const address of ['/metrics', `/v1/requests/${id}/events`]) {
        const response = await app.request(address, { headers: { accept } });
        expect(response.status).toBe(406);
        expect(await response.json()).toMatchObject({ code: 'input.not-acceptable' });
      }
    },
  );

  it.each([
    'application/json;q=0, */*',
    'application/*; q=0.000, */*',
    'application/json;q=0, application/*',
  ])('of "%s" excludes by what is more specific', async (accept) => {
    expect((await app.request('/livez', { headers: { accept } })).status).toBe(406);
  });

  it('is compared with the media types of the route', async () => {
    const asJson = await app.request(`/v1/requests/${id}/events`, {
      headers: { accept: 'application/json' },
    });
    expect(await asJson.json()).toMatchObject({ detail: 'The answer is text/event-stream.' });
    expect((await app.request('/docs', { headers: { accept: 'text/html' } })).status).toBe(200);
  });
});
