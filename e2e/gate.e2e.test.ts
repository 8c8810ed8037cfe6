import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { facades } from '@sluice/ecosystems/facade';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { freePort } from '@sluice/servers';
import { findRepositoryRoot, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** The stack with its gate, a registry that only this file knows, and the npm of this machine. */
const registry = await fakeNpmRegistry();
const run = promisify(execFile);
const cli = path.join(findRepositoryRoot(), 'cli/dist/main.js');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-gate-e2e-'));
let stack: Stack;

const publish = (name: string, version: string, manifest: Record<string, unknown> = {}) =>
  registry.publish({
    name,
    version,
    manifest: { license: 'MIT', ...manifest },
    publishedAt: '2024-01-01T00:00:00.000Z',
  });

beforeAll(async () => {
  publish('clean', '1.0.0', { dependencies: { '@s/inner': '^1.0.0' } });
  publish('@s/inner', '1.0.0');
  publish('copyleft', '1.0.0');
  publish('copyleft', '1.1.0', { license: 'AGPL-3.0-only' });
  const env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    ADVISORIES_URL: 'off',
    SLUICE_NATS_SERVER: process.env['SLUICE_NATS_SERVER'],
  };
  const ports = { port: await freePort(), gatePort: await freePort() };
  stack = await startStack({
    stateFolder: path.join(folder, 'state'),
    services: stackServices,
    env,
    ...ports,
  });
  const advisories = path.join(folder, 'advisories');
  await mkdir(advisories);
  const record = {
    id: 'TEST-1',
    modified: '2024-01-01T00:00:00Z',
    summary: 'A small hole',
    affected: [{ package: { ecosystem: 'npm', name: 'clean' }, versions: ['1.0.0'] }],
    database_specific: { severity: 'LOW' },
  };
  await writeFile(path.join(advisories, 'TEST-1.json'), JSON.stringify(record));
  await sluice(['advisories', 'import', advisories], {
    DATABASE_URL_FILE: path.join(stack.info.databaseUrlsFolder!, 'scanner.url'),
  });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function ran(
  program: string,
  args: string[],
  options: { cwd?: string; env: Record<string, string> },
): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(program, args, options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const sluice = (args: string[], env: Record<string, string> = {}) =>
  ran(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'] ?? '', SLUICE_KEY: stack.info.apiKey ?? '', ...env },
  });
const atApi = ['--server', ''];

/** npm in a project of its own, with a cache of its own, configured as the facade says. */
async function npm(project: string, args: string[], dependencies?: Record<string, string>): Promise<Ran> {
  const cwd = path.join(folder, project);
  await mkdir(cwd, { recursive: true });
  const { file, text } = facades[0]!.configuration({ url: stack.info.gateUrl!, key: stack.info.apiKey });
  await writeFile(path.join(cwd, file), text);
  if (dependencies)
    await writeFile(
      path.join(cwd, 'package.json'),
      JSON.stringify({ name: project, version: '1.0.0', dependencies }),
    );
  const cache = path.join(cwd, 'cache');
  return ran(
    'npm',
    [...args, ...(args[0] === 'audit' ? [] : ['--no-audit']), '--no-fund', '--cache', cache],
    {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
    },
  );
}

it('installs what nobody had asked for, once it was decided', async () => {
  const first = await npm('fresh', ['install'], { clean: '1.0.0' });
  // Each round asks for what it finds missing; small packages are decided while npm waits.
  expect(first).toMatchObject({ code: 0 });
  const lock = JSON.parse(await readFile(path.join(folder, 'fresh/package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/@s/inner', 'node_modules/clean']);
  expect(await npm('fresh', ['ci'])).toMatchObject({ code: 0 });
});

it('npm audit is answered from Sluice’s own advisories', async () => {
  const { code, out } = await npm('fresh', ['audit', '--json']);
  const report = JSON.parse(out) as { vulnerabilities: Record<string, { severity: string; via: object[] }> };
  expect(code).toBe(1);
  expect(Object.keys(report.vulnerabilities)).toEqual(['clean']);
  expect(report.vulnerabilities['clean']).toMatchObject({
    severity: 'low',
    via: [{ title: 'A small hole' }],
  });
});

it('refuses what waits for a person, says why, and takes the approved version of a range', async () => {
  atApi[1] = stack.info.apiUrl;
  await sluice(['ask', 'copyleft@1.0.0', ...atApi]);
  await sluice(['ask', 'copyleft@1.1.0', ...atApi]);
  await waitFor(async () =>
    (await sluice(['why', 'copyleft@1.1.0', ...atApi])).out.includes('license.') ? true : undefined,
  );
  await waitFor(async () =>
    (await sluice(['why', 'copyleft@1.0.0', ...atApi])).out.includes('may be installed') ? true : undefined,
  );
  const pinned = await npm('pinned', ['install'], { copyleft: '1.1.0' });
  expect(pinned.code).not.toBe(0);
  expect(pinned.err).toContain('policy');
  expect(pinned.err).toContain('license.');
  expect(await npm('ranged', ['install'], { copyleft: '^1.0.0' })).toMatchObject({ code: 0 });
  const installed = await readFile(path.join(folder, 'ranged/node_modules/copyleft/package.json'), 'utf8');
  expect(JSON.parse(installed)).toMatchObject({ version: '1.0.0' });
});

it('refuses at the archive what a lockfile pins and is not approved any more', async () => {
  await sluice(['approve', 'copyleft@1.1.0', '--reason', 'internal', ...atApi]);
  expect(await npm('locked', ['install'], { copyleft: '1.1.0' })).toMatchObject({ code: 0 });
  await sluice(['reject', 'copyleft@1.1.0', '--reason', 'not any more', ...atApi]);
  await rm(path.join(folder, 'locked/node_modules'), { recursive: true });
  await rm(path.join(folder, 'locked/cache'), { recursive: true });
  const refused = await npm('locked', ['ci']);
  expect(refused.code).not.toBe(0);
  expect(refused.err).toMatch(/Held by Sluice: copyleft@1\.1\.0 is rejected/);
});

it('makes a lockfile of all that there is, and fetches nothing for it', async () => {
  const resolving = ['--registry', `${stack.info.gateUrl}/npm/~resolve/`];
  const made = await npm('resolved', ['install', '--package-lock-only', ...resolving], {
    copyleft: '^1.0.0',
  });
  expect(made).toMatchObject({ code: 0 });
  const lock = await readFile(path.join(folder, 'resolved/package-lock.json'), 'utf8');
  expect((JSON.parse(lock) as { packages: object }).packages).toMatchObject({
    'node_modules/copyleft': { version: '1.1.0' },
  });
  expect((await npm('resolved', ['ci'])).err).toContain('Held by Sluice');
});

it.each([
  ['publish', ['publish']],
  ['unpublish', ['unpublish', 'clean@1.0.0', '--force']],
  ['dist-tag add', ['dist-tag', 'add', 'clean@1.0.0', 'next']],
])('npm %s changes nothing, and says so', async (_, args) => {
  const answer = await npm('writing', args, {});
  expect(answer.code).not.toBe(0);
  expect(answer.err).toMatch(/Sluice|gate/);
});
