import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { findNatsServer } from './find-nats-server.ts';
import { freePort } from './ports.ts';
import { natsReleaseFor } from './nats-releases.ts';

// Stands for the server's program: it only has to say its version.
const program = (version: string) => `#!/bin/sh\necho "nats-server: v${version}"\n`;
const archive = tarGz('nats-server-v2.10.29-linux-amd64/nats-server', program('2.10.29'));
const release = {
  version: '2.10.29',
  platform: 'linux-amd64',
  sha256: createHash('sha256').update(archive).digest('hex'),
};
const releasePath = '/v2.10.29/nats-server-v2.10.29-linux-amd64.tar.gz';

let serve: RequestListener;
const server = createServer((request, response) => serve(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const base = await mkdtemp(join(tmpdir(), 'sluice-find-'));
afterAll(async () => {
  server.close();
  await rm(base, { recursive: true });
});

let stateFolder: string;
let lines: string[];
beforeEach(async () => {
  stateFolder = await mkdtemp(join(base, 'state-'));
  lines = [];
  serve = (request, response) => {
    if (request.url === releasePath) response.end(archive);
    else response.writeHead(404).end();
  };
});

/** Without PATH neither a server of this machine nor apt-get is found, except in the fixed folders. */
async function find(env: NodeJS.ProcessEnv) {
  return await findNatsServer({ env, stateFolder, release, folders: [], onStep: (line) => lines.push(line) });
}

async function installed(version: string): Promise<string> {
  const folder = await mkdtemp(join(base, 'bin-'));
  await writeFile(join(folder, 'nats-server'), program(version));
  await chmod(join(folder, 'nats-server'), 0o755);
  return folder;
}

it('uses SLUICE_NATS_SERVER before anything else', async () => {
  const [configured, onPath] = [await installed('2.11.0'), await installed('2.12.0')];
  const env = { SLUICE_NATS_SERVER: join(configured, 'nats-server'), PATH: `${onPath}:/usr/bin:/bin` };
  expect(await find(env)).toEqual({ path: join(configured, 'nats-server'), version: '2.11.0' });
});

it('does not go on silently when SLUICE_NATS_SERVER is wrong', async () => {
  const env = { SLUICE_NATS_SERVER: '/nowhere/nats-server', PATH: await installed('2.12.0') };
  await expect(find(env)).rejects.toMatchObject({ remedy: expect.stringContaining('SLUICE_NATS_SERVER') });
});

it('passes over a server on PATH that is too old, and says so', async () => {
  const [old, current] = [await installed('2.1.4'), await installed('2.9.10')];
  expect(await find({ PATH: `${old}:${current}` })).toMatchObject({ version: '2.9.10' });
  expect(lines).toEqual([expect.stringContaining('too old')]);
});

it('downloads the pinned release, and the next time finds it where it was put', async () => {
  const env = { PATH: '/nonexistent', SLUICE_NATS_DOWNLOAD_URL: `${mirror}/` };
  const found = await find(env);
  expect(found).toEqual({ path: join(stateFolder, 'tools', 'nats-server-2.10.29'), version: '2.10.29' });
  serve = (_request, response) => response.writeHead(500).end();
  expect(await find(env)).toEqual(found);
  expect(await readdir(join(stateFolder, 'tools'))).toEqual(['nats-server-2.10.29']);
});

it('keeps nothing of an archive with another checksum', async () => {
  serve = (_request, response) => response.end(tarGz('x/nats-server', program('6.6.6')));
  const env = { PATH: '/nonexistent', SLUICE_NATS_DOWNLOAD_URL: mirror };
  await expect(find(env)).rejects.toMatchObject({ remedy: expect.stringContaining('NATS_URL') });
  expect(lines.join('\n')).toMatch(/SHA-256/);
  expect(await readdir(join(stateFolder, 'tools'))).toEqual([]);
});

it('says each failed step with its remedy when nothing can be had', async () => {
  const env = { PATH: '/nonexistent', SLUICE_NATS_DOWNLOAD_URL: `http://127.0.0.1:${await freePort()}` };
  await expect(find(env)).rejects.toThrow('none could be had');
  expect(lines.join('\n')).toMatch(/cannot be downloaded: connect ECONNREFUSED.*SLUICE_NATS_DOWNLOAD_URL/);
  expect(lines.join('\n')).toMatch(/no apt-get.*SLUICE_NATS_SERVER/);
});

it('finds the program that was unpacked from the package before', async () => {
  const folder = join(stateFolder, 'tools', 'nats-server-package', 'usr', 'sbin');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'nats-server'), program('2.9.10'), { mode: 0o755 });
  expect(await find({ PATH: '', SLUICE_NATS_DOWNLOAD_URL: 'off' })).toEqual({
    path: join(folder, 'nats-server'),
    version: '2.9.10',
  });
});

it('pins a whole SHA-256 for each platform', async () => {
  const source = await readFile(new URL('nats-releases.ts', import.meta.url), 'utf8');
  expect([...source.matchAll(/sha256: '([^']*)'/g)].map((match) => match[1])).toEqual(
    Array.from({ length: 8 }, () => expect.stringMatching(/^[0-9a-f]{64}$/)),
  );
  expect(natsReleaseFor('linux', 'x64')).toMatchObject({ platform: 'linux-amd64' });
  expect(natsReleaseFor('win32', 'x64')).toBeUndefined();
});

function tarGz(path: string, content: string): Buffer {
  const header = new Header({
    path,
    type: 'File',
    size: Buffer.byteLength(content),
    mode: 0o755,
    mtime: new Date(0),
  });
  header.encode();
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return gzipSync(Buffer.concat([header.block as Buffer, body, Buffer.alloc(1024)]));
}
