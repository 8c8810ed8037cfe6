import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agreeOnStore, fileArtifactStore } from '@sluice/artifacts';
import { connectBus, sharedStoreId, type Bus } from '@sluice/broker';
import { createLogger } from '@sluice/runtime';
import { testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { storeRegistry } from './store-registry.ts';
import { aggregatorMigrations } from './service.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const { signal } = new AbortController();
let bus: Bus;
let folder: string;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-stores-'));
  await sql`truncate artifact_store`;
  await bus.jsm.streams.delete('KV_STORE').catch(() => {});
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(() => bus.close());

/** What a service does at its start; the aggregator reaches its table as well. */
async function start(name: string, own: 'stage' | 'aggregator' = 'stage') {
  const store = fileArtifactStore(path.join(folder, name), { mayMake: false });
  const shared = await sharedStoreId(bus);
  await agreeOnStore(store, own === 'stage' ? shared : storeRegistry(sql, shared), signal);
  return store;
}

const refused = { name: 'PermanentError', code: 'artifact.another-store' };

it('services that start at once agree on one store', async () => {
  const [one] = await Promise.all([start('a'), start('a', 'aggregator'), start('a')]);
  const { digest } = await one.put(Buffer.from('x'));
  expect(await (await start('a')).read(digest)).toEqual(Buffer.from('x'));
});

it('a service with another folder is refused, with the remedy, and makes no store of it', async () => {
  const id = await (await start('a')).readId();
  await expect(start('b')).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining(`echo ${id} > ${path.join(folder, 'b')}/store-id`) as string,
  });
  expect(await readdir(folder)).toEqual(['a']);
  await fileArtifactStore(path.join(folder, 'b')).check();
  await expect(start('b')).rejects.toMatchObject(refused);
});

it('the store that the aggregator knows outlives the loss of the broker’s data', async () => {
  await start('a');
  await start('a', 'aggregator');
  await bus.jsm.streams.delete('KV_STORE');
  // Nobody knows better yet.
  await start('b');
  await expect(start('b', 'aggregator')).rejects.toMatchObject(refused);
  await expect(start('b')).rejects.toMatchObject(refused);
  await start('a');
});
