import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseOtherRegistry } from './compare-registries.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-npmrc-'));
});
afterEach(() => rm(folder, { recursive: true }));

const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
const resolved = 'https://registry.example/widget/-/widget-1.2.3.tgz';

async function compare(npmrc: string | null, entry: object, more: object = {}): Promise<string> {
  if (npmrc !== null) await writeFile(path.join(folder, '.npmrc'), npmrc);
  const packages = { 'node_modules/widget': { version: '1.2.3', resolved, ...entry }, ...more };
  const content = Buffer.from(JSON.stringify({ lockfileVersion: 3, packages }));
  return refuseOtherRegistry(path.join(folder, 'package-lock.json'), content).then(
    () => 'compared',
    (error: Error) => error.message,
  );
}

describe('an .npmrc beside the lockfile', () => {
  it.each([
    'registry=https://evil.example/',
    '  registry = https://evil.example/',
    'save=true\r\n@acme:registry=https://evil.example/',
    'save=true\rregistry=https://evil.example/',
    'replace-registry-host=always',
    '"registry"=https://evil.example/',
    '"regi\\u0073try"=https://evil.example/',
    '${KEY}=https://evil.example/',
  ])('with %j is refused for an entry without a pin', async (npmrc) => {
    expect(await compare(npmrc, {})).toContain('widget@1.2.3 has no integrity');
    expect(await compare(npmrc, { inBundle: true })).toContain('widget@1.2.3 has no integrity');
    expect(await compare(npmrc, { integrity })).toBe('compared');
  });

  it.each([
    null,
    '',
    'save-exact=true',
    '; registry=x\n# registry=y',
    '//registry.example/:_authToken=${TOKEN}',
  ])('with %j changes nothing', async (npmrc) => {
    expect(await compare(npmrc, {})).toBe('compared');
  });

  it('does not matter to packages in the archive of another package', async () => {
    const packages = {
      'node_modules/widget': {
        version: '1.2.3',
        resolved,
        integrity,
        bundleDependencies: ['inner'],
        dependencies: { inner: '1' },
      },
      'node_modules/widget/node_modules/inner': { version: '1.0.0', inBundle: true },
    };
    expect(await compare('registry=https://evil.example/', { integrity }, packages)).toBe('compared');
  });
});

it.each([
  ['[install]\nregistry = "https://evil.example/"\n', 'refused'],
  ['install = { "registry" = "https://evil.example/" }\n', 'refused'],
  ['[install.scopes]\nacme = "https://evil.example/"\n', 'refused'],
  ['[install]\n"regi\\u0073try" = "https://evil.example/"\n', 'refused'],
  ['# registry\n[install]\nexact = true\n', 'read'],
])('a bunfig.toml with %j beside a bun.lock without pins: %s', async (settings, is) => {
  await writeFile(path.join(folder, 'bunfig.toml'), settings);
  const content = Buffer.from('{"lockfileVersion":1,"workspaces":{},"packages":{"a":["a@1.0.0","",{}]}}');
  const outcome = await refuseOtherRegistry(path.join(folder, 'bun.lock'), content).then(
    () => 'read',
    () => 'refused',
  );
  expect(outcome).toBe(is);
});
