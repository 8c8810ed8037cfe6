import { loadConfig } from '@sluice/runtime';
import { expect, it } from 'vitest';
import { gatewayConfig } from './config.ts';

const least = { DATABASE_URL: 'postgres://127.0.0.1/x', ARTIFACTS_DIR: '/a' };
const signIn = {
  PUBLIC_URL: 'https://sluice.example',
  OIDC_ISSUER: 'https://login.example',
  OIDC_CLIENT_ID: 'sluice',
  OIDC_CLIENT_SECRET: 's',
};
const faultOf = (env: Record<string, string>) => {
  try {
    loadConfig(gatewayConfig, { ...least, ...env });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

it('a gateway that others reach asks who they are: open, it refuses to start and names the ways out', () => {
  const fault = faultOf({ ACCESS: 'open', HTTP_HOST: '0.0.0.0' });
  for (const way of ['sluice admin key', 'OIDC_ISSUER', '127.0.0.1']) expect(fault).toContain(way);
  expect(faultOf({ HTTP_HOST: '0.0.0.0' })).toBeNull();
  expect(faultOf({ ACCESS: 'open' })).toBeNull();
});

it.each<[string, Record<string, string>, string | null]>([
  ['whole', {}, null],
  ['without the secret', { OIDC_CLIENT_SECRET: '' }, 'OIDC_CLIENT_SECRET'],
  ['without the address for people', { PUBLIC_URL: '' }, 'PUBLIC_URL'],
  ['without the provider', { OIDC_ISSUER: '' }, 'OIDC_ISSUER'],
  ['by plain http', { OIDC_ISSUER: 'http://login.example' }, 'https'],
  ['over plain http', { PUBLIC_URL: 'http://sluice.example' }, 'https'],
  ['of this machine', { PUBLIC_URL: 'http://127.0.0.1:8080', OIDC_ISSUER: 'http://localhost:9' }, null],
  ['with a role that there is not', { OIDC_GROUPS: '[{"group":"a","roles":["root"]}]' }, 'roles'],
  ['with a slip', { OIDC_GROUPS: '[{"group":"a","role":["viewer"]}]' }, 'role'],
  ['with a subject of no issuer', { ADMIN_SUBJECTS: '1234' }, 'issuer|subject'],
])('a sign-in %s', (_, env, fault) => {
  if (fault === null) expect(faultOf({ ...signIn, ...env })).toBeNull();
  else expect(faultOf({ ...signIn, ...env })).toContain(fault);
});
