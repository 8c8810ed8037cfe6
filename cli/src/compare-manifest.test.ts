import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseOtherManifest } from './compare-manifest.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-manifest-'));
});
afterEach(() => rm(folder, { recursive: true }));

const evil = 'https://evil.example/widget/-/widget-1.2.3.tgz';

async function compare(manifest: object | null, lock: object): Promise<string> {
  if (manifest) await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const content = Buffer.from(JSON.stringify(lock));
  return refuseOtherManifest(path.join(folder, 'package-lock.json'), content).then(
    () => 'compared',
    (error: Error) => error.message,
  );
}
const v3 = (root: object, entry: object = { version: '1.2.3' }) => ({
  lockfileVersion: 3,
  packages: { '': root, 'node_modules/widget': entry },
});

describe('a package.json beside the lockfile', () => {
  it.each([evil, 'github:o/widget', 'file:../widget', 'npm:other@1.2.3', 'widget.tgz'])(
    'that asks for %s must be what the lockfile asks for',
    async (spec) => {
      const dependencies = { widget: spec };
      expect(await compare({ dependencies }, v3({ dependencies: { widget: '^1.0.0' } }))).toContain(
        `package.json asks for widget from "${spec}"`,
      );
      expect(await compare({ dependencies }, v3({ dependencies }))).toBe('compared');
    },
  );

  it('must not override with what the lockfile does not have', async () => {
    const overrides = (spec: string) => ({
      dependencies: { widget: '^1.0.0' },
      overrides: { a: { widget: spec } },
    });
    expect(await compare(overrides(evil), v3({}))).toContain('package.json asks for widget');
    expect(await compare(overrides(evil), v3({}, { version: '1.2.3', resolved: evil }))).toBe('compared');
    expect(await compare(overrides('npm:@s/other@1'), v3({}))).toContain('package.json asks for widget');
    expect(await compare(overrides('npm:@s/other@1'), v3({}, { name: '@s/other', version: '1.0.0' }))).toBe(
      'compared',
    );
    expect(await compare(overrides('2.0.0'), v3({}))).toBe('compared');
    expect(await compare(overrides('$widget'), v3({}))).toBe('compared');
  });

  it('is compared for each workspace as well', async () => {
    await mkdir(path.join(folder, 'packages/w'), { recursive: true });
    const dependencies = { widget: evil };
    await writeFile(path.join(folder, 'packages/w/package.json'), JSON.stringify({ dependencies }));
    const lock = (workspace: object) => ({
      lockfileVersion: 3,
      packages: { '': {}, 'packages/w': workspace },
    });
    expect(await compare({}, lock({}))).toContain('package.json asks for widget');
    expect(await compare({}, lock({ dependencies }))).toBe('compared');
  });

  it('is compared with the entries of version 1, which does not say what the project asks for', async () => {
    const manifest = { dependencies: { widget: evil } };
    const v1 = (entry: object) => ({ lockfileVersion: 1, dependencies: { widget: entry } });
    expect(await compare(manifest, v1({ version: '1.2.3' }))).toContain('package.json asks for widget');
    expect(await compare(manifest, v1({ version: evil }))).toBe('compared');
  });

  it('may differ in ranges, be no JSON, or not be there', async () => {
    expect(
      await compare({ dependencies: { widget: '^2.0.0' } }, v3({ dependencies: { widget: '^1.0.0' } })),
    ).toBe('compared');
    await writeFile(path.join(folder, 'package.json'), '{');
    expect(await compare(null, v3({}))).toBe('compared');
    await rm(path.join(folder, 'package.json'));
    expect(await compare(null, v3({}))).toBe('compared');
  });
});
