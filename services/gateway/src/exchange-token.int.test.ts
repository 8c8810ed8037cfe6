import type { CreatedKey } from '@sluice/api';
import { authenticator, type TrustRule } from '@sluice/identity';
import { startFakeHost } from '@sluice/testkit/fakes';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { testGateway } from '../test/gateway-kit.ts';
import { findKey } from './access/api-keys.ts';
import { openIdTokens } from './access/open-id-tokens.ts';
import { createApp } from './app.ts';
import { gatewayConfig } from './config.ts';

/** A build system: an issuer with its discovery document and its keys, over HTTP. */
const { privateKey, publicKey } = await generateKeyPair('ES256');
const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
const jsonAnswer = (value: object) => ({
  status: 200,
  type: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
});
const host = await startFakeHost((path) => {
  if (path === '/.well-known/openid-configuration')
    return jsonAnswer({ issuer: host.url, jwks_uri: `${host.url}/keys` });
  return path === '/keys' ? jsonAnswer(keys) : { status: 404, type: 'text/plain', body: Buffer.from('') };
});
const rules: Partial<TrustRule>[] = [
  {
    name: 'payments-build',
    issuer: host.url,
    audience: 'sluice',
    claims: { repository_id: '42' },
    roles: ['submitter'],
    scopes: ['team-a'],
  },
];
const config = gatewayConfig.parse({
  NATS_URL: 'nats://127.0.0.1:4222',
  DATABASE_URL: 'postgres://127.0.0.1/x',
  ARTIFACTS_DIR: '/nowhere',
  TRUST_RULES: JSON.stringify(rules),
});
const stops: (() => unknown)[] = [];
const idTokens = openIdTokens({ config, onStop: (_, stop) => stops.push(stop) });
afterAll(async () => {
  for (const stop of stops) await stop();
});

const { deps } = await testGateway();
const authenticate = authenticator({
  findKey: (id) => findKey(deps.own, id),
  localKey: undefined,
  isOpen: false,
  localName: 'mira',
});
const app = createApp({ ...deps, authenticate, idTokens });

const tokenOf = (claims: Record<string, unknown> = {}) =>
  new SignJWT({ repository_id: '42', repository: 'acme/pay', run_id: '7', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(host.url)
    .setAudience('sluice')
    .setIssuedAt()
    .setExpirationTime('5m')
    .setJti(crypto.randomUUID())
    .sign(privateKey);
const exchange = (token: string) =>
  app.request('/v1/auth/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code?: string }).code,
];

describe('the token of a build', () => {
  it('is exchanged for a key of a quarter of an hour, with the rights of its rule', async () => {
    const response = await exchange(await tokenOf());
    expect(response.status).toBe(201);
    const { key, ...shown } = (await response.json()) as CreatedKey;
    expect(shown).toMatchObject({
      name: 'payments-build',
      kind: 'service',
      roles: ['submitter'],
      scopes: ['team-a'],
    });
    const minutes = (Date.parse(shown.expiresAt) - Date.parse(shown.createdAt)) / 60_000;
    expect(minutes).toBeCloseTo(15);
    const me = await app.request('/v1/me', { headers: { authorization: `Bearer ${key}` } });
    expect(await me.json()).toMatchObject({ id: 'service:payments-build', scopes: ['team-a'] });
    const [made] = await deps.own<{ actor: string; detail: { reason: string } }[]>`
      select actor, detail from audit where subject = ${`key ${shown.id}`}`;
    expect(made!.actor).toBe('payments-build');
    expect(made!.detail.reason).toContain('repository acme/pay');
    expect(made!.detail.reason).toContain('run_id 7');
  });

  it('counts once, also when it is shown twice at the same time', async () => {
    const token = await tokenOf();
    const answers = await Promise.all([1, 2, 3].map(async () => exchange(token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 401, 401]);
    expect(await codeOf(await exchange(token))).toEqual([401, 'access.token-used']);
  });

  it('does not count for another repository, nor signed by another', async () => {
    expect(await codeOf(await exchange(await tokenOf({ repository_id: '43' })))).toEqual([
      401,
      'access.token-refused',
    ]);
    const stranger = await generateKeyPair('ES256');
    const forged = await new SignJWT({ repository_id: '42' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(host.url)
      .setAudience('sluice')
      .setIssuedAt()
      .setExpirationTime('5m')
      .setJti('x')
      .sign(stranger.privateKey);
    expect(await codeOf(await exchange(forged))).toEqual([401, 'access.token-refused']);
    expect(await deps.own`select 1 from used_tokens where token_id = 'x'`).toEqual([]);
  });

  it('is forgotten some time after it has ended', async () => {
    await deps.own`insert into used_tokens (issuer, token_id, expires_at) values ('i', 'old', now() - interval '1 second')`;
    expect((await exchange(await tokenOf())).status).toBe(201);
    expect(await deps.own`select 1 from used_tokens where token_id = 'old'`).toEqual([]);
  });
});
