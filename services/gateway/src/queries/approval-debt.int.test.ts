import { expect, it } from 'vitest';
import { insertPackage, insertRequest, purlOf, testGateway, getJson } from '../../test/gateway-kit.ts';
import { countWaiting } from './approval-debt.ts';

const { app, deps } = await testGateway();
const { read } = deps;

it('is what waits for a person, why, and for how many, those that most wait for the longest first', async () => {
  for (const name of ['few', 'many']) await insertPackage(read, name, { outcome: 'review' });
  await insertPackage(read, 'taken-back', { outcome: 'review', decision: 'recalled' });
  await insertPackage(read, 'approved', { outcome: 'review', decision: 'approved' });
  await insertPackage(read, 'refused', { outcome: 'reject' });
  await insertPackage(read, 'elsewhere', { outcome: 'review', scope: 'team-a' });
  await read`update packages set ended_at = now() - interval '1 hour'`;
  for (const requester of ['mira', 'noor', 'mira']) {
    const id = await insertRequest(read, ['many']);
    await read`update requests set requester = ${requester} where id = ${id}`;
  }
  await insertRequest(read, ['few']);
  await insertRequest(read, ['many'], { scope: 'team-a' });
  await read`
    update package_scopes set decision = jsonb_set(decision::jsonb, '{until}', to_jsonb(now() + interval '3 days'))
    where purl = ${purlOf('approved')}`;

  const { body: debt } = await getJson(app, '/v1/approval-debt');
  expect(debt).toMatchObject({
    scope: 'default',
    waiting: 3,
    recalled: 1,
    oldestSince: expect.any(String),
    byReason: [{ code: 'advisory.high', count: 3 }],
    endingSoon: 1,
  });
  const { items } = debt as { items: { purl: string; requests: number; requesters: number }[] };
  expect(items.map(({ purl, requests, requesters }) => [purl, requests, requesters])).toEqual([
    [purlOf('many'), 3, 2],
    [purlOf('few'), 1, 1],
    [purlOf('taken-back'), 0, 0],
  ]);
  expect(items[2]).toMatchObject({ recalled: true, codes: ['advisory.high'] });

  const counts = await countWaiting(read);
  expect(counts.toSorted((a, b) => a.waiting - b.waiting)).toMatchObject([
    { scope: 'team-a', waiting: 1 },
    { scope: 'default', waiting: 3 },
  ]);
});

it('is none where nothing waits', async () => {
  await read`truncate package_scopes`;
  expect((await getJson(app, '/v1/approval-debt')).body).toEqual({
    scope: 'default',
    waiting: 0,
    recalled: 0,
    oldestSince: null,
    byReason: [],
    endingSoon: 0,
    items: [],
  });
});
