import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { startFakePypi } from '@sluice/ecosystems/pypi/fakes';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { freePort } from '@sluice/servers';
import { findRepositoryRoot, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateClient, projectOf, ran, type ClientName, type Ran } from './gate-clients.ts';

/** The stack with its gate, registries that only this file knows, and the package managers of this machine and of the tests. */
const registry = await fakeNpmRegistry();
const index = await startFakePypi();
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

const publishWheel = (name: string, version: string, headers: string[]) =>
  index.publishWheel({ name, version, headers, files: { [`${name.replace('-', '_')}.py`]: 'x = 1\n' } });

beforeAll(async () => {
  publish('clean', '1.0.0', { dependencies: { '@s/inner': '^1.0.0' } });
  publish('@s/inner', '1.0.0');
  publish('copyleft', '1.0.0');
  publish('copyleft', '1.1.0', { license: 'AGPL-3.0-only' });
  publishWheel('clean-py', '1.0', ['License-Expression: MIT', 'Requires-Dist: inner-py>=1']);
  publishWheel('inner-py', '1.0', ['License-Expression: MIT']);
  publishWheel('copyleft-py', '1.0', ['License-Expression: MIT']);
  publishWheel('copyleft-py', '1.1', ['License-Expression: AGPL-3.0-only']);
  publishWheel('pinned-py', '1.0', ['License-Expression: MIT']);
  publishWheel('pinned-py', '2.0', ['License-Expression: MIT']);
  publishWheel('only-held-py', '1.0', ['License-Expression: AGPL-3.0-only']);
  const env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    REGISTRIES: JSON.stringify({ pypi: { url: index.indexUrl } }),
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
  await importAdvisories(advisory('TEST-1', 'npm', 'clean'), advisory('TEST-2', 'PyPI', 'elsewhere'));
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Imports these advisories, which replace those from before. */
async function importAdvisories(...records: { id: string }[]): Promise<void> {
  const advisories = await mkdtemp(path.join(folder, 'advisories-'));
  for (const one of records) await writeFile(path.join(advisories, `${one.id}.json`), JSON.stringify(one));
  const imported = await sluice(['advisories', 'import', advisories], {
    DATABASE_URL_FILE: path.join(stack.info.databaseUrlsFolder!, 'scanner.url'),
  });
  expect(imported).toMatchObject({ code: 0 });
}
const advisory = (id: string, ecosystem: string, name: string, severity = 'LOW') => ({
  id,
  modified: '2024-01-01T00:00:00Z',
  summary: 'A small hole',
  affected: [{ package: { ecosystem, name }, versions: ['1.0.0'] }],
  database_specific: { severity },
});

const sluice = (args: string[], env: Record<string, string> = {}) =>
  ran(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'] ?? '', SLUICE_KEY: stack.info.apiKey ?? '', ...env },
  });
const atApi = () => ['--server', stack.info.apiUrl];

/** A package manager in a project of its own. */
const client = (name: ClientName, project: string) =>
  gateClient(name, path.join(folder, project), { url: stack.info.gateUrl!, key: stack.info.apiKey });

async function npm(project: string, args: string[], dependencies?: Record<string, string>): Promise<Ran> {
  return (await client('npm', project))(args, dependencies ? projectOf(dependencies) : {});
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

it('knows who has what', async () => {
  const { out } = await waitFor(async () => {
    const listed = await sluice(['installs', 'clean@1.0.0', ...atApi()]);
    return listed.out.includes('pkg:npm/clean@1.0.0') ? listed : undefined;
  });
  expect(out).toContain('npm/');
});

it('a signed approval is verified without a server for the archive that the gate serves, and for no other', async () => {
  const [verdict, keys, archive, other] = ['verdict.json', 'keys.pem', 'clean.tgz', 'other.tgz'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string, string];
  expect(await sluice(['verdict', 'clean@1.0.0', '--output', verdict, ...atApi()])).toMatchObject({
    code: 0,
  });
  await writeFile(keys, (await sluice(['signing-keys', ...atApi()])).out);
  const served = await fetch(`${stack.info.gateUrl}/npm/clean/-/clean-1.0.0.tgz`, {
    headers: { authorization: `Bearer ${stack.info.apiKey}` },
  });
  await writeFile(archive, Buffer.from(await served.arrayBuffer()));
  await writeFile(other, 'other bytes');
  const verify = (file: string) => sluice(['verify', file, '--verdict', verdict, '--keys', keys]);
  const good = await verify(archive);
  expect(good.code).toBe(0);
  expect(good.out).toContain('pkg:npm/clean@1.0.0 is approved in default');
  const bad = await verify(other);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('Not verified (other-file)');
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
  await sluice(['ask', 'copyleft@1.0.0', ...atApi()]);
  await sluice(['ask', 'copyleft@1.1.0', ...atApi()]);
  await waitFor(async () =>
    (await sluice(['why', 'copyleft@1.1.0', ...atApi()])).out.includes('license.') ? true : undefined,
  );
  await waitFor(async () =>
    (await sluice(['why', 'copyleft@1.0.0', ...atApi()])).out.includes('may be installed') ? true : undefined,
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
  await sluice(['approve', 'copyleft@1.1.0', '--reason', 'internal', ...atApi()]);
  expect(await npm('locked', ['install'], { copyleft: '1.1.0' })).toMatchObject({ code: 0 });
  await sluice(['reject', 'copyleft@1.1.0', '--reason', 'not any more', ...atApi()]);
  await rm(path.join(folder, 'locked/node_modules'), { recursive: true });
  await rm(path.join(folder, 'locked/cache'), { recursive: true });
  const refused = await npm('locked', ['ci']);
  expect(refused.code).not.toBe(0);
  expect(refused.err).toMatch(/Held by Sluice: copyleft@1\.1\.0 is rejected/);
});

it('an advisory recalls what is in use, refuses it at the gate, and names who has it', async () => {
  publish('found-out', '1.0.0');
  expect(await npm('victim', ['install'], { 'found-out': '1.0.0' })).toMatchObject({ code: 0 });
  await waitFor(async () =>
    (await sluice(['installs', 'found-out@1.0.0', ...atApi()])).out.includes('found-out') ? true : undefined,
  );
  expect((await sluice(['installs', '--held', ...atApi()])).out).not.toContain('found-out');
  const usual = [advisory('TEST-1', 'npm', 'clean'), advisory('TEST-2', 'PyPI', 'elsewhere')];
  await importAdvisories(...usual, advisory('TEST-3', 'npm', 'found-out', 'CRITICAL'));
  const isServed = async () => {
    const key = { authorization: `Bearer ${stack.info.apiKey}` };
    const archive = `${stack.info.gateUrl}/npm/found-out/-/found-out-1.0.0.tgz`;
    return (await fetch(archive, { headers: key })).status === 200;
  };
  await waitFor(async () => ((await isServed()) ? undefined : true));
  await waitFor(async () =>
    (await sluice(['installs', '--held', ...atApi()])).out.includes('found-out@1.0.0') ? true : undefined,
  );
  const why = await sluice(['why', 'found-out@1.0.0', ...atApi()]);
  expect(why.out).toContain('its approval was taken back');
  expect(why.out).toContain('TEST-3');
  // The advisory is withdrawn: nothing holds it any more.
  await importAdvisories(...usual);
  await waitFor(async () => ((await isServed()) ? true : undefined));
}, 60_000);

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

describe.each(['pnpm', 'yarn'] as const)('%s', (name) => {
  it('installs what is approved, and what nobody had asked for', async () => {
    const run = await client(name, `${name}-fresh`);
    expect(await run(['install'], projectOf({ clean: '1.0.0', copyleft: '^1.0.0' }))).toMatchObject({
      code: 0,
    });
    const installed = path.join(folder, `${name}-fresh`, 'node_modules/copyleft/package.json');
    expect(JSON.parse(await readFile(installed, 'utf8'))).toMatchObject({ version: '1.0.0' });
  });

  it('shows why an archive is refused that a lockfile pins', async () => {
    const run = await client(name, `${name}-locked`);
    await sluice(['approve', 'copyleft@1.1.0', '--reason', 'for a while', ...atApi()]);
    await waitFor(async () =>
      (await run(['install'], projectOf({ copyleft: '1.1.0' }))).code === 0 ? true : undefined,
    );
    await sluice(['reject', 'copyleft@1.1.0', '--reason', 'not any more', ...atApi()]);
    for (const kept of ['node_modules', 'store', 'cache', 'global', '.yarn'])
      await rm(path.join(folder, `${name}-locked`, kept), { recursive: true, force: true });
    const { code, out, err } = await run(['install', name === 'pnpm' ? '--frozen-lockfile' : '--immutable']);
    expect(code).not.toBe(0);
    expect(out + err).toContain('Held by Sluice: copyleft@1.1.0 is rejected');
  });
});

describe('the index of Python packages', () => {
  const get = async (address: string, accept?: string) => {
    const key = Buffer.from(`sluice:${stack.info.apiKey}`).toString('base64');
    const headers = { authorization: `Basic ${key}`, ...(accept ? { accept } : {}) };
    return fetch(`${stack.info.gateUrl}/pypi${address}`, { headers, redirect: 'manual' });
  };
  const json = 'application/vnd.pypi.simple.v1+json';
  const filesOf = async (name: string) =>
    ((await (await get(`/simple/${name}/`, json)).json()) as { files: { url: string; yanked: unknown }[] })
      .files;

  it('lists what is approved, in JSON and as a page, and serves the file, a part of it, and its metadata', async () => {
    const [file] = await waitFor(async () => {
      const files = await filesOf('inner-py');
      return files[0]?.yanked === false ? files : undefined;
    });
    expect((await (await get('/simple/inner-py/')).text()).match(/<a /g)).toHaveLength(1);
    const { pathname } = new URL(file!.url);
    const address = pathname.replace('/pypi', '');
    const bytes = Buffer.from(await (await get(address)).arrayBuffer());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    expect(await (await get(`${address}.metadata`)).text()).toContain('Name: inner-py');
    expect((await get(address.replace('-py3-none-any.whl', '.tar.gz'))).status).toBe(403);
  });

  it('sends other spellings of a project to its own', async () => {
    const { status, headers } = await get('/simple/Inner_Py');
    expect([status, headers.get('location')]).toEqual([301, '/pypi/simple/inner-py/']);
  });

  it('shows what is held as yanked, and refuses it at the file', async () => {
    const [file] = await waitFor(async () => {
      const files = await filesOf('only-held-py');
      return String(files[0]?.yanked).includes('license.') ? files : undefined;
    });
    const refused = await get(new URL(file!.url).pathname.replace('/pypi', ''));
    expect(refused.status).toBe(403);
    expect(refused.statusText).toContain('Held by Sluice: only-held-py@1.0 waits for a review (license.');
  });
});

describe('pip', () => {
  const install = async (project: string, ...wanted: string[]) => {
    const run = await client('pip', project);
    return run(['install', '--target', path.join(folder, project, 'target'), ...wanted]);
  };

  it('installs what is approved, says why a pinned version is held, and takes the approved one of a range', async ({
    skip,
  }) => {
    const found = await ran('python3', ['-m', 'pip', '--version'], {
      env: { PATH: process.env['PATH'] ?? '' },
    });
    skip(found.code !== 0, 'there is no python3 with pip');
    expect(await install('pip-fresh', 'clean-py==1.0')).toMatchObject({ code: 0 });
    expect((await install('pip-newest', 'pinned-py')).out).toContain('Successfully installed pinned-py-2.0');
    // Nobody has asked for this version: the attempt is what asks.
    expect((await install('pip-older', 'pinned-py==1.0')).out).toContain(
      'Successfully installed pinned-py-1.0',
    );
    await sluice(['ask', 'pkg:pypi/copyleft-py@1.0', ...atApi()]);
    await sluice(['ask', 'pkg:pypi/copyleft-py@1.1', ...atApi()]);
    for (const [version, word] of [
      ['1.0', 'may be installed'],
      ['1.1', 'license.'],
    ] as const)
      await waitFor(async () =>
        (await sluice(['why', `pkg:pypi/copyleft-py@${version}`, ...atApi()])).out.includes(word)
          ? true
          : undefined,
      );
    const pinned = await install('pip-pinned', 'copyleft-py==1.1');
    expect(pinned.code).not.toBe(0);
    expect(pinned.err).toContain('Held by Sluice: copyleft-py@1.1 waits for a review (license.');
    expect((await install('pip-ranged', 'copyleft-py>=1')).out).toContain(
      'Successfully installed copyleft-py-1.0',
    );
  });
});
