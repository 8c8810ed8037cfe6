import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, ensureTopology, type Bus } from '@sluice/broker';
import { createLogger } from '@sluice/runtime';
import { testNats, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsAuthorization } from './nats-authorization.ts';
import { keepNatsKeys, natsKeyFile } from './nats-keys.ts';
import { natsDurables, natsRights, natsUsers, type NatsUser } from './nats-rights.ts';
import { isWithin } from './subjects.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-nats-rights-'));
const nats = await testNats({ lines: [natsAuthorization(await keepNatsKeys(folder))] });
const log = createLogger('test', 'silent');
const services = natsUsers.filter((user) => user !== 'operator');

const connectAs = (user: NatsUser) =>
  connectBus({
    url: nats.url,
    nkey: readFileSync(natsKeyFile(folder, user), 'utf8'),
    service: user,
    instance: 't',
    isMaker: user === 'aggregator',
    log,
  });

let aggregator: Bus;
beforeAll(async () => {
  aggregator = await connectAs('aggregator');
  await ensureTopology(aggregator);
});
afterAll(() => aggregator.close());

/** A subject that a pattern stands for. */
const anyOf = (pattern: string) => pattern.replaceAll('*', 'x').replace(/>$/, 'x.y');

/** What nobody but an operator does, and what would undo the rights of others. */
const never = [
  '$JS.API.STREAM.DELETE.EVENTS',
  '$JS.API.STREAM.PURGE.EVENTS',
  '$JS.API.STREAM.MSG.DELETE.EVENTS',
  '$JS.API.STREAM.SNAPSHOT.EVENTS',
  '$JS.API.STREAM.CREATE.OTHER',
  '$JS.API.CONSUMER.CREATE.EVENTS',
  ...natsDurables.flatMap((durable) => [
    `$JS.API.CONSUMER.CREATE.EVENTS.${durable}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.${durable}`,
    `$JS.API.CONSUMER.DELETE.EVENTS.${durable}`,
  ]),
  '$JS.API.CONSUMER.CREATE.DEAD_LETTERS.x',
  '$SYS.REQ.SERVER.PING',
  'elsewhere',
];

function rightsOf(user: NatsUser) {
  const { publish, denyPublish, subscribe } = natsRights[user];
  return {
    mayPublish: (subject: string) =>
      publish.some((one) => isWithin(one, subject)) && !denyPublish.some((one) => isWithin(one, subject)),
    maySubscribe: (pattern: string) => subscribe.some((one) => isWithin(one, pattern)),
  };
}

const foreign = services.map((user) => {
  const { mayPublish, maySubscribe } = rightsOf(user);
  const all = services.map((other) => natsRights[other]);
  const published = [...all.flatMap(({ publish }) => publish.map(anyOf)), ...never];
  const subscribed = [...all.flatMap(({ subscribe }) => subscribe), '>', '_INBOX.>', '_ANSWER.>', '$JS.>'];
  return {
    user,
    published: [...new Set(published)].filter((subject) => !mayPublish(subject)),
    subscribed: [...new Set(subscribed)].filter((pattern) => !maySubscribe(pattern)),
  };
});

describe.each(foreign)('$user', ({ user, published, subscribed }) => {
  it('is refused every subject of the others, and every way around', async () => {
    const bus = await connectAs(user);
    const refused = new Set<string>();
    void (async () => {
      for await (const status of bus.nc.status()) {
        const { operation, subject } =
          (status as { error?: { operation?: string; subject?: string } }).error ?? {};
        refused.add(`${operation} ${subject}`);
      }
    })();
    for (const subject of published) bus.nc.publish(subject, '{}');
    for (const pattern of subscribed) bus.nc.subscribe(pattern, { callback: () => {} });
    const expected = [
      ...published.map((subject) => `publish ${subject}`),
      ...subscribed.map((pattern) => `subscription ${pattern}`),
    ];
    await waitFor(() => expected.every((one) => refused.has(one)), { what: 'every refusal' }).catch(() => {
      expect(expected.filter((one) => !refused.has(one))).toEqual([]);
    });
    expect(expected.length).toBeGreaterThan(150);
    expect([...refused].toSorted()).toEqual(expected.toSorted());
    await bus.close();
  });
});

it('a stage cannot have its consumer made with another filter than its own', async () => {
  const bus = await connectAs('license');
  const create = async (filters: object) => {
    const config = { durable_name: 'license-bulk', name: 'license-bulk', ack_policy: 'explicit', ...filters };
    const answer = await bus.nc.request(
      '$JS.API.CONSUMER.CREATE.EVENTS.license-bulk.pkg.requested.bulk',
      JSON.stringify({ stream_name: 'EVENTS', config, action: 'create' }),
      { timeout: 5_000 },
    );
    return answer.json<{ error?: { code: number } }>().error?.code;
  };
  expect(await create({ filter_subject: 'pkg.>' })).toBe(400);
  expect(await create({ filter_subjects: ['pkg.requested.bulk', 'request.>'] })).toBe(400);
  expect(await create({})).toBe(400);
  expect(await create({ filter_subject: 'pkg.requested.bulk' })).toBeUndefined();
  await bus.close();
});

it('a stranger is not let in', async () => {
  await expect(connectBus({ url: nats.url, service: 'license', instance: 't', log })).rejects.toThrow(
    /Authorization Violation/i,
  );
});
