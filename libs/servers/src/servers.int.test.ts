import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { childRecords } from './child-records.ts';
import { findNatsServer } from './find-nats-server.ts';
import { readNatsInfo } from './nats-info.ts';
import { isAlive } from './process-identity.ts';
import { SetupError } from './setup-error.ts';
import { startNatsServer } from './start-nats-server.ts';
import { startPostgres } from './start-postgres.ts';

const base = await mkdtemp(join(tmpdir(), 'sluice-servers-'));
await chmod(base, 0o711);
afterAll(() => rm(base, { recursive: true, force: true }));

describe('nats-server', async () => {
  const stateFolder = fileURLToPath(new URL('../../../.sluice', import.meta.url));
  const { path: binary, version } = await findNatsServer({ env: process.env, stateFolder });
  const storeFolder = join(base, 'nats');

  it('answers with JetStream when it is said to be started, and is gone when stopped', async () => {
    const server = await startNatsServer({ binary, storeFolder });
    expect(await readNatsInfo(server.host, server.port)).toMatchObject({ version, jetstream: true });
    await server.stop();
    expect(await readNatsInfo(server.host, server.port)).toBeNull();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('starts on the store that a killed one left', async () => {
    const killed = await startNatsServer({ binary, storeFolder });
    await killed.kill();
    const server = await startNatsServer({ binary, storeFolder, port: killed.port });
    expect(server.url).toBe(killed.url);
    await server.stop();
  });

  it('is found and ended by the next launcher when the first one vanished', async () => {
    const file = join(base, 'children.json');
    const orphan = await startNatsServer({ binary, storeFolder, records: childRecords(file) });
    expect(await childRecords(file).endLeftovers()).toMatchObject([{ name: 'nats-server', pid: orphan.pid }]);
    await orphan.exited;
    const after = await startNatsServer({ binary, storeFolder, records: childRecords(file) });
    await after.stop();
    expect(await childRecords(file).alive()).toEqual([]);
  });

  it('says in one line that a port asked for is taken', async () => {
    const server = await startNatsServer({ binary, storeFolder });
    const second = startNatsServer({ binary, storeFolder: join(base, 'nats-2'), port: server.port });
    await expect(second).rejects.toThrow(`Port ${server.port}`);
    await server.stop();
  });

  it('gives the last lines of the log when it cannot start', async () => {
    await writeFile(join(base, 'no-folder'), '');
    const failing = startNatsServer({
      binary,
      storeFolder: join(base, 'bad'),
      settings: { maxFileStoreBytes: Number.NaN },
    });
    await expect(failing).rejects.toThrow(SetupError);
    await expect(failing).rejects.toThrow(/ended while starting.*max_file_store/s);
  });
});

describe('Postgres', () => {
  const folder = join(base, 'postgres');
  const start = (port?: number) => startPostgres({ folder, port, durable: false });

  it('keeps its password, in a file that only its owner can read', async () => {
    const first = await start();
    await first.stop();
    const second = await start();
    await second.stop();
    const password = (await readFile(join(first.folder, 'password'), 'utf8')).trim();
    expect([first.url, second.url].map((url) => new URL(url).password)).toEqual([password, password]);
    expect((await stat(join(first.folder, 'password'))).mode & 0o077).toBe(0);
  });

  it('starts again after kill -9', async () => {
    const killed = await start();
    await killed.kill();
    const server = await start(killed.port);
    expect(server.url).toBe(killed.url);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('stops the one that a vanished launcher left on the same data', async () => {
    const orphan = await start();
    const server = await start();
    expect(await orphan.exited).toMatchObject({ code: 0 });
    await server.stop();
  });

  it('starts although its lock file names some other process', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(first.folder, 'data', 'postmaster.pid'), `${process.pid}\n${first.folder}/data\n`);
    const server = await start();
    await server.stop();
  });
});
