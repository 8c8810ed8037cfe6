import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startChild } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import { installPeers } from './start-peer.ts';
import type { BenchedPackage } from './start-gate.ts';
import type { Scratch } from './scratch.ts';

const program = fileURLToPath(new URL('../peers/node_modules/verdaccio/bin/verdaccio', import.meta.url));

/** Verdaccio with a package in its storage, open for reading, without an upstream. @returns its address. */
export async function startVerdaccio(scratch: Scratch, benched: BenchedPackage): Promise<string> {
  await installPeers();
  const folder = path.join(scratch.folder, 'verdaccio');
  const storage = path.join(folder, 'storage', benched.name);
  await mkdir(storage, { recursive: true });
  const port = await freePort();
  const latest = benched.versions.at(-1)!.version;
  const shasum = createHash('sha1').update(benched.tarball).digest('hex');
  const versions = benched.versions.map(({ version, manifest }) => {
    const tarball = `http://127.0.0.1:${port}/${benched.name}/-/${benched.name}-${version}.tgz`;
    return [version, { ...manifest, dist: { shasum, tarball } }] as const;
  });
  const stored = {
    name: benched.name,
    versions: Object.fromEntries(versions),
    'dist-tags': { latest },
    time: Object.fromEntries(benched.versions.map(({ version }) => [version, '2024-01-01T00:00:00.000Z'])),
    _uplinks: {},
    _distfiles: {},
    _attachments: Object.fromEntries(
      versions.map(([version]) => [`${benched.name}-${version}.tgz`, { shasum }]),
    ),
    _rev: '1-a',
  };
  await writeFile(path.join(storage, 'package.json'), JSON.stringify(stored));
  await writeFile(path.join(storage, `${benched.name}-${latest}.tgz`), benched.tarball);
  const config = path.join(folder, 'config.yaml');
  const settings = {
    storage: path.join(folder, 'storage'),
    auth: { htpasswd: { file: path.join(folder, 'htpasswd') } },
    uplinks: {},
    packages: { '**': { access: '$all' } },
    log: { type: 'stdout', format: 'json', level: 'warn' },
  };
  // YAML takes JSON.
  await writeFile(config, JSON.stringify(settings));
  const child = await startChild({
    name: 'verdaccio',
    command: process.execPath,
    args: [program, '--config', config, '--listen', `127.0.0.1:${port}`],
    env: { PATH: process.env['PATH'], HOME: folder },
    logFile: path.join(folder, 'verdaccio.log'),
    records: scratch.records,
  });
  scratch.onClose(() => child.stop(5_000));
  const url = `http://127.0.0.1:${port}`;
  const isThere = () =>
    fetch(`${url}/${benched.name}`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitFor(isThere, { what: 'verdaccio', timeoutMs: 60_000 });
  return url;
}
