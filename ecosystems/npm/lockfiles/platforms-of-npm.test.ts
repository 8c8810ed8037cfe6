import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Arborist from '@npmcli/arborist';
import fc from 'fast-check';
import { parseSubmission } from '@sluice/intake';
import { afterAll, expect, it } from 'vitest';
import { npmIntake } from '../intake.ts';

/** npm's own tree beside ours: what is left out for a platform is nothing that npm would place there. */
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-platforms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['a', 'b', 'c', 'd'];
const target = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const pin = `sha512-${Buffer.alloc(64, 'a').toString('base64')}`;

const wordsOf = (...known: string[]) => {
  const word = fc.constantFrom(...known, ...known.map((name) => `!${name}`), 'any', 'plan9', 'Linux');
  return fc.option(fc.oneof(word, fc.array(word, { maxLength: 3 })), { nil: undefined });
};
const entry = fc.record({
  os: wordsOf('linux', 'win32', 'darwin'),
  cpu: wordsOf('x64', 'arm64'),
  libc: wordsOf('glibc', 'musl'),
  flag: fc.constantFrom('optional', 'optional', 'optional', 'devOptional', 'dev', 'peer'),
  bundles: fc.constantFrom(undefined, undefined, 'own', 'fetched'),
  group: fc.constantFrom('optionalDependencies', 'optionalDependencies', 'dependencies'),
});

it('leaves out nothing that npm would place', { timeout: 60_000 }, async () => {
  let leftOutCount = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: names.length }), async (entries) => {
      const asked: Record<string, Record<string, string>> = {};
      const packages: Record<string, object> = {};
      for (const [index, { flag, group, bundles, ...platforms }] of entries.entries()) {
        const name = names[index]!;
        (asked[group] ??= {})[name] = '1.0.0';
        const resolved = `https://registry.example/${name}/-/${name}-1.0.0.tgz`;
        const listed = bundles && { dependencies: { inner: '1.0.0' }, bundleDependencies: ['inner'] };
        const place = `node_modules/${name}`;
        packages[place] = {
          version: '1.0.0',
          resolved,
          integrity: pin,
          [flag]: true,
          ...platforms,
          ...listed,
        };
        const own = { version: '1.0.0', inBundle: true, [flag]: true };
        if (bundles)
          packages[`${place}/node_modules/inner`] = bundles === 'own' ? own : { ...own, integrity: pin };
      }
      const project = { name: 'app', version: '1.0.0', ...asked };
      const lock = JSON.stringify({ ...project, lockfileVersion: 3, packages: { '': project, ...packages } });
      const { items } = parseSubmission(new TextEncoder().encode(lock), {
        intakes: [npmIntake],
        registriesOf: () => ['https://registry.example/'],
        platforms: [Object.values(target).join('-')],
      });
      const leftOut = items.filter(({ unassessable }) => unassessable).flatMap(({ paths }) => paths);
      leftOutCount += leftOut.length;
      const placed = await placedByNpm(lock, project);
      expect(leftOut.filter((place) => placed.includes(place))).toEqual([]);
    }),
    { numRuns: 150 },
  );
  expect(leftOutCount).toBeGreaterThan(20);
});

/** Places that npm would fill; none where it refuses to install. */
async function placedByNpm(lock: string, project: object): Promise<string[]> {
  writeFileSync(path.join(folder, 'package-lock.json'), lock);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project));
  try {
    const tree = await new Arborist({ path: folder, ...target }).buildIdealTree();
    const nodes = [...tree.inventory.values()] as (Arborist.Node & { inert: boolean })[];
    return nodes.filter(({ isRoot, inert }) => !isRoot && !inert).map(({ location }) => location);
  } catch (error) {
    expect((error as { code: string }).code).toBe('EBADPLATFORM');
    return [];
  }
}
