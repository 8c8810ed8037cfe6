import type { Principal } from '@sluice/api';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InstallsLog } from './installs-log.ts';
import { forgetInstalls, keepInstalls, recallInstalls } from './kept-installs.ts';

const principal = (name: string): Principal => ({
  id: `service:${name}`,
  kind: 'service',
  name,
  roles: ['viewer'],
  scopes: null,
  grants: [{ roles: ['viewer'], scopes: null }],
  keyId: 'k00000000000',
  sessionId: null,
});
const place = { scope: 'default', type: 'npm', name: 'a', version: '1.0.0' };
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 9, 0, second));

describe('the log of installs', () => {
  it('has one entry for each who installed a version, from the first time to the last', () => {
    const log = new InstallsLog();
    log.note(place, principal('build'), 'npm/10.8.2 node/v20.20.0 linux x64', at(1));
    log.note(place, principal('build'), 'npm/11.0.0', at(3));
    log.note(place, principal('mira'), undefined, at(2));
    expect(log.entries).toMatchObject([
      {
        principalId: 'service:build',
        client: 'npm/11.0.0',
        firstAt: at(1).toISOString(),
        lastAt: at(3).toISOString(),
      },
      { principalId: 'service:mira', client: '' },
    ]);
  });

  it('keeps what came while the others were told', () => {
    const log = new InstallsLog();
    log.note(place, principal('build'), 'npm/10', at(1));
    log.note(place, principal('mira'), 'npm/10', at(1));
    const told = log.entries;
    log.note(place, principal('build'), 'npm/10', at(2));
    log.drop(told);
    expect(log.entries).toMatchObject([{ principal: 'build', lastAt: at(2).toISOString() }]);
  });

  it('takes of a user agent what may stand in an event', () => {
    const log = new InstallsLog();
    log.note(place, principal('build'), `évil\u0000${'x'.repeat(500)}`, at(1));
    expect(log.entries[0]!.client).toMatch(/^[\x21-\x7e]{80}$/);
  });
});

describe('entries that wait for NATS', () => {
  const folderOf = async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-installs-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    return folder;
  };
  const entries = () => {
    const log = new InstallsLog();
    for (const name of ['a', 'b', 'c']) log.note({ ...place, name }, principal('build'), 'npm/10', at(1));
    return log.entries;
  };

  it('are there after a restart, and gone when they were told', async () => {
    const folder = path.join(await folderOf(), 'made');
    expect(await recallInstalls(folder)).toEqual([]);
    await keepInstalls(folder, entries());
    expect(await recallInstalls(folder)).toEqual(entries());
    await forgetInstalls(folder);
    expect(await recallInstalls(folder)).toEqual([]);
  });

  it('are read but for a line that is broken', async () => {
    const folder = await folderOf();
    const [one, two] = entries().map((entry) => JSON.stringify(entry)) as [string, string];
    await writeFile(path.join(folder, 'installs.jsonl'), `${one}\n${two.slice(0, 40)}`);
    expect(await recallInstalls(folder)).toEqual(entries().slice(0, 1));
  });
});
