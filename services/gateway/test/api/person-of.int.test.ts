import type { Principal } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { expect, it } from 'vitest';
import { createKey, type KeyWish } from '../../src/access/api-keys.ts';
import { personOf } from '../../src/access/person-of.ts';
import { testGateway } from '../gateway-kit.ts';

const { deps } = await testGateway();
const keyOf = async (wish: Partial<KeyWish>, by: string): Promise<Principal> => {
  const full = {
    name: 'ci',
    kind: 'service' as const,
    roles: ['approver' as const],
    scopes: null,
    reason: 'r',
    ...wish,
  };
  const { result } = await withOutbox(deps.own, (tx) => createKey(tx, full, by, new Date()));
  const { id, kind, name, roles, scopes } = result;
  return {
    id: `${kind}:${name}`,
    kind,
    name,
    roles,
    scopes,
    grants: [{ roles, scopes }],
    keyId: id,
    sessionId: null,
  };
};
const counted = (principal: Principal, by = principal.name) => personOf(deps.own, principal, by);

it('a service counts as its owner, who is its maker unless another one is named', async () => {
  expect(await counted(await keyOf({ name: 'made-by-mira' }, 'mira'))).toMatchObject({ person: 'mira' });
  const named = await keyOf({ name: 'of-noor', owner: 'noor' }, 'mira');
  expect(await counted(named)).toEqual({ person: 'noor', otherNames: ['of-noor'], isLocal: false });
  const build = await keyOf({ name: 'build', owner: null }, 'build');
  expect(await counted(build)).toEqual({ person: 'build', otherNames: [], isLocal: false });
});

it('a person counts as the services that they answer for, by keys that ended as well, and has no owner', async () => {
  await keyOf({ name: 'bot-a', owner: 'zoe' }, 'mira');
  await keyOf({ name: 'bot-b', owner: 'zoe' }, 'mira');
  await deps.own`update api_keys set revoked_at = now() where name = 'bot-b'`;
  const zoe = await keyOf({ name: 'zoe', kind: 'person', owner: 'mira' }, 'mira');
  expect(await counted(zoe)).toEqual({ person: 'zoe', otherNames: ['bot-a', 'bot-b'], isLocal: false });
});

it('the local user counts as the one who is named', async () => {
  const grants = [{ roles: ['approver' as const], scopes: null }];
  const local: Principal = {
    id: 'local:me',
    kind: 'local',
    name: 'me',
    roles: ['approver'],
    scopes: null,
    grants,
    keyId: null,
    sessionId: null,
  };
  expect(await counted(local, 'zoe')).toMatchObject({
    person: 'zoe',
    otherNames: ['bot-a', 'bot-b'],
    isLocal: true,
  });
});
