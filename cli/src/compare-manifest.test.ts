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

  describe('with overrides', () => {
    const override = (overrides: object, ...entries: object[]) =>
      compare(
        { dependencies: { widget: '^1.0.0' }, devDependencies: { own: evil }, overrides },
        {
          lockfileVersion: 3,
          packages: {
            '': { devDependencies: { own: evil } },
            ...Object.fromEntries(
              entries.map((entry, index) => [`${'a/'.repeat(index)}node_modules/widget`, entry]),
            ),
            // What is written anywhere else says nothing.
            'node_modules/other': { version: '1.0.0', funding: { url: evil }, name: 'npm:other' },
          },
        },
      );
    const usual = { version: '1.2.3', resolved: 'https://registry.example/widget/-/widget-1.2.3.tgz' };
    const other = { version: '1.2.3', name: '@s/other', resolved: 'https://registry.example/x.tgz' };

    it.each<[string, string, object]>([
      ['an address', evil, { version: '1.2.3', resolved: evil }],
      ['another name', 'npm:@s/other@1', other],
      ['another name by a tag', 'npm:@s/other@next', other],
      [
        'a repository',
        'github:o/widget',
        { version: '1.2.3', resolved: 'git+ssh://git@git.example/o/widget.git#0' },
      ],
      ['a folder', 'file:./vendor/widget', { link: true, resolved: 'vendor/widget' }],
      ['a file', 'file:widget.tgz', { version: '1.2.3', resolved: 'file:widget.tgz' }],
      ['a tag', 'next', usual],
      ['what the project asks for', '$own', { version: '1.2.3', resolved: evil }],
    ])('for %s must be what every copy is', async (_, spec, entry) => {
      const { resolved: _address, ...bare } = usual;
      const misfit = spec === 'next' || spec.endsWith('@next') ? bare : usual;
      const bad = 'package.json asks for widget';
      for (const overrides of [
        { widget: spec },
        { a: { widget: spec } },
        { 'a@1': { b: { widget: { '.': spec, c: '1.0.0' } } } },
        { 'widget@1': spec },
        { [`widget@${spec}`]: {} },
        { Widget: spec },
      ]) {
        expect(await override(overrides, misfit), JSON.stringify(overrides)).toContain(
          'Widget' in overrides ? 'package.json asks for Widget' : bad,
        );
        expect(await override(overrides, entry)).toBe('compared');
      }
      expect(await override({ widget: spec }, entry, misfit)).toContain(bad);
      expect(await override({ other2: spec }, usual)).toBe('compared');
    });

    it('for another folder or a file where the copy is a link is refused', async () => {
      const link = { link: true, resolved: 'vendor/widget' };
      expect(await override({ widget: 'file:vendor/else' }, link)).toContain('asks for widget');
      expect(await override({ widget: 'file:vendor/widget.tgz' }, link)).toContain('asks for widget');
    });

    it("for versions is npm's to compare", async () => {
      expect(await override({ widget: '2.0.0', a: { widget: '^3' }, 'widget@1': '' }, usual)).toBe(
        'compared',
      );
    });

    it('is compared with every entry of version 1', async () => {
      const v1 = (entry: object) => ({
        lockfileVersion: 1,
        dependencies: { a: { version: '1.0.0', dependencies: { widget: entry } } },
      });
      const manifest = { overrides: { widget: evil } };
      expect(await compare(manifest, v1({ version: '1.2.3' }))).toContain('asks for widget');
      expect(await compare(manifest, v1({ version: evil }))).toBe('compared');
    });
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
