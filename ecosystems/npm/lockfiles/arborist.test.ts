import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Arborist from '@npmcli/arborist';
import npa from 'npm-package-arg';
import fc from 'fast-check';
import {
  PermanentError,
  formatPurl,
  nameOneContent,
  readIntegrity,
  type SubmissionItem,
} from '@sluice/contracts';
import { afterAll, expect, it } from 'vitest';
import { parseSubmission } from '@sluice/intake';
import { npmIntake } from '../intake.ts';
import { isExactVersion } from '../name.ts';

/**
 * npm's own loader beside ours: what npm would place is an item with the right name and version, or it is refused
 * aloud. `loadVirtual` is what `npm ci` starts from.
 */
const registry = 'https://registry.example/';
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-arborist-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A package that npm would extract: where, and the name and version or the address that it hands to its fetcher. */
interface Placed {
  location: string;
  name: string;
  version: string;
  address: string | null;
  pin: string | null;
}

/** A dependency that npm would not take from the entry that is there, but from the place that it is asked for from. */
interface Refetched {
  location: string;
  spec: string;
}

type Node = Arborist.Node & { inDepBundle: boolean; parent: unknown };

async function placedByNpm(lockfile: string): Promise<{ placed: Placed[]; refetched: Refetched[] } | null> {
  writeFileSync(path.join(folder, 'package-lock.json'), lockfile);
  try {
    return readTree(await new Arborist({ path: folder }).loadVirtual());
  } catch {
    // npm refuses the file as well.
    return null;
  }
}

function readTree(tree: Arborist.Node): { placed: Placed[]; refetched: Refetched[] } {
  const nodes = [...tree.inventory.values()] as Node[];
  const placed = nodes
    .filter((node) => !node.isRoot && !node.isLink && node.parent && !node.inDepBundle)
    .map(({ location, packageName, name, version, resolved, integrity }) => ({
      location,
      name: packageName ?? name,
      version,
      address: resolved,
      pin: integrity,
    }));
  const refetched = [tree as Node, ...nodes].flatMap((node) =>
    [...node.edgesOut.values()].flatMap(({ name, spec, to, error }) =>
      to && error === 'INVALID' && namesPlace(name, spec) ? [{ location: to.location, spec }] : [],
    ),
  );
  return { placed, refetched };
}

/** Whether npm itself takes a spec for a place to fetch from. */
function namesPlace(name: string, spec: string): boolean {
  try {
    return ['git', 'remote', 'file', 'directory', 'alias'].includes(npa.resolve(name, spec).type);
  } catch {
    return false;
  }
}

function itemsOf(lockfile: string): SubmissionItem[] | null {
  try {
    const options = { intakes: [npmIntake], registriesOf: () => [registry] };
    return parseSubmission(new TextEncoder().encode(lockfile), options).items;
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    return null;
  }
}

/** Whether an item says what npm would place there, or that nobody can say it. */
function covers(item: SubmissionItem, placed: Placed, isMoved: boolean): boolean {
  if (!isMoved && !item.paths.includes(placed.location)) return false;
  if (item.unassessable) return true;
  const { pin } = placed;
  const address = placed.address ?? (/^https?:/.test(placed.version) ? placed.version : null);
  const isPinned = typeof pin === 'string' && nameOneContent(readIntegrity(pin).pins);
  // The pin of the item is the one that npm checks the bytes with.
  const pinned = typeof pin === 'string' ? readIntegrity(pin) : { pins: [], note: null };
  if (!isDeepStrictEqual(item.pins, pinned.pins)) return false;
  if (pinned.note !== null && !item.notes.some(({ code }) => code === 'integrity.unreadable')) return false;
  if (address === null) return item.purl === fetchedWithoutAddress(placed);
  const usual = usualShape.exec(decodedPath(address));
  const isOfRegistry = URL.canParse(address) && new URL(address).href.startsWith(registry);
  const isSaid = item.notes.some(({ code }) => code === 'source.unpinned');
  if (!isPinned && !isOfRegistry && !isSaid) return false;
  if (usual) return item.purl === purlOf(usual[1]!, usual[2]!);
  return isPinned && item.purl === purlOf(placed.name, placed.version);
}

/** What npm asks the registry for by name and version; null when the registry would choose. */
function fetchedWithoutAddress({ name: asked, version: spec }: Placed): string | null {
  const [, target = asked, exact = spec] = /^npm:((?:@[^@/]+\/)?[^@]+)@(.+)$/.exec(spec) ?? [];
  return isExactVersion(exact) ? purlOf(target, exact) : null;
}

const usualShape = /^\/(?:x\/)?((?:@s\/)?[A-Za-z]+)\/(?:-|download)\/(?:@s\/)?[A-Za-z]+-([\d.]+)\.tgz$/;

function decodedPath(address: string): string {
  return URL.canParse(address) ? decodeURIComponent(new URL(address).pathname) : '';
}

const purlOf = (name: string, version: string) => formatPurl({ type: 'npm', name, version });

async function compare(lockfile: string): Promise<void> {
  const items = itemsOf(lockfile);
  if (items === null) return;
  // Version 1 lists what is below a linked folder below the link; npm moves it to the folder.
  const isMoved = lockfile.includes('"version":"file:../x"');
  const { placed: all, refetched } = (await placedByNpm(lockfile)) ?? { placed: [], refetched: [] };
  // One refused entry is enough: the whole file ends with exit code 1.
  const isRefused = items.some(
    ({ unassessable }) => unassessable && !['source.link', 'source.workspace'].includes(unassessable.code),
  );
  for (const { location, spec } of isRefused ? [] : refetched) {
    throw new Error(`npm takes ${location} from "${spec}", the items are ${JSON.stringify(items)}`);
  }
  for (const placed of all) {
    if (!items.some((item) => covers(item, placed, isMoved))) {
      throw new Error(`npm places ${JSON.stringify(placed)}, the items are ${JSON.stringify(items)}`);
    }
  }
}

const names = ['a', 'b', 'JSONStream', 'jsonstream', '@s/a', '@s/A', 'c'];
const name = fc.constantFrom(...names);
const version = fc.constantFrom('1.0.0', '2.0.0', '3.0.0');
const pin = (byte: string) => `sha512-${Buffer.alloc(64, byte).toString('base64')}`;

/** A field that is there now and then, and then usually sensible. */
const sometimes = <T>(usual: fc.Arbitrary<T>, ...odd: unknown[]) =>
  fc.oneof(
    { weight: 6, arbitrary: usual },
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constantFrom(undefined, ...odd) },
  );

const address = fc
  .tuple(
    fc.constantFrom(
      registry,
      registry,
      `${registry}x/`,
      'https://evil.example/',
      'http://registry.example/',
      'https://u:p@registry.example/',
    ),
    name,
    version,
    fc.constantFrom('-', '-', 'download'),
  )
  .map(([base, of, at, between]) => `${base}${of}/${between}/${of.split('/').at(-1)}-${at}.tgz`);

const flags = {
  dev: sometimes(fc.boolean(), 'yes', 1),
  optional: sometimes(fc.boolean(), 'yes'),
  peer: sometimes(fc.boolean()),
  extraneous: sometimes(fc.boolean()),
  hasShrinkwrap: sometimes(fc.constant(false), true, 'yes'),
};
const specs =
  '* ^1.0.0 1.0.0 latest npm:b@2.0.0 npm:b@latest npm:a file:../x file:x.tgz x.tgz ../x o/r github:o/r git+https://git.example/x.git#abc https://github.com/o/r https://evil.example/b/-/b-2.0.0.tgz'.split(
    ' ',
  );
const dependencies = sometimes(fc.dictionary(name, fc.constantFrom(...specs)), [], null, 'a');

const oddVersions = [
  '',
  ' 1.0.0',
  'v1.0.0',
  '=1.0.0',
  '^1.0.0',
  'latest',
  '1',
  'npm:b@2.0.0',
  'npm:@s/a@3.0.0',
  'npm:b@^2.0.0',
  'npm:b',
  'file:../x',
  'file:x.tgz',
  'git+https://git.example/x.git#abc',
  'github:o/r',
  'o/r',
  `${registry}b/-/b-2.0.0.tgz`,
  'https://evil.example/b/-/b-2.0.0.tgz',
  '1.0.0+build',
  null,
  5,
  {},
  false,
];
const oddAddresses = [
  false,
  '',
  null,
  5,
  {},
  [],
  'latest',
  'b@2.0.0',
  '2.0.0',
  '^2.0.0',
  'o/r',
  'file:x.tgz',
  '../x',
  '//evil.example/b-2.0.0.tgz',
  'git+ssh://git@git.example/o/r.git#abc',
  'https://cdn.example/x.tgz',
  'https://github.com/o/r',
  'https://git.example/o/r.git',
  `${registry}b%2f-%2fb-2.0.0.tgz`,
  ' https://registry.example/b/-/b-2.0.0.tgz',
  `${registry}@s%2fa/-/a-1.0.0.tgz`,
  'https://evil.example\\@registry.example/b/-/b-2.0.0.tgz',
  'HTTPS://REGISTRY.EXAMPLE/b/-/b-2.0.0.tgz',
];
const integrity = sometimes(
  fc.constantFrom(pin('a'), pin('b')),
  'nonsense',
  'sha3-AAAA',
  'sha512-AAAA',
  '',
  null,
  7,
  'sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00=',
);

const packageEntry = fc.record({
  version: fc.oneof(
    { weight: 5, arbitrary: version },
    { weight: 1, arbitrary: fc.constantFrom(...oddVersions) },
  ),
  resolved: sometimes(address, ...oddAddresses),
  integrity,
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...names, '', 7, '../x') },
  ),
  link: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(true, false, 'yes', 1) },
  ),
  inBundle: sometimes(fc.boolean(), 'yes'),
  bundleDependencies: sometimes(fc.array(name, { maxLength: 3 }), true, false, { a: '1' }, 'a'),
  dependencies,
  optionalDependencies: dependencies,
  requires: sometimes(fc.constant(undefined), true, { a: '1' }),
  ...flags,
});
const oddEntry = fc.oneof(
  { weight: 12, arbitrary: packageEntry },
  { weight: 1, arbitrary: fc.constantFrom(null, 7, 'x', [], {}) },
);

const respelled = fc.constantFrom(
  (place: string) => place,
  (place: string) => place,
  (place: string) => place,
  (place: string) => place,
  (place: string) => place.replaceAll('/', '\\'),
  (place: string) => `./${place}`,
  (place: string) => `${place}/`,
  (place: string) => place.replace('node_modules/', 'node_modules//'),
  (place: string) => place.replace('node_modules/', 'x/../node_modules/'),
  (place: string) => place.replace('node_modules', 'Node_Modules'),
  (place: string) => place.replace('@s/', '@s%2f'),
  (place: string) => place.replace('a', 'а'),
  (place: string) => `${place}/lib`,
);
const place = fc
  .tuple(
    fc.constantFrom('', '', '', 'packages/w/', '../w/'),
    fc.array(name, { minLength: 1, maxLength: 3 }),
    respelled,
  )
  .map(([base, within, spell]) => spell(base + within.map((one) => `node_modules/${one}`).join('/')));
const folderPlace = fc.constantFrom('packages/w', '../w', 'a', '.', './', '/abs', 'packages\\w');

const packages = fc
  .tuple(
    fc.record({
      name: fc.constant('app'),
      dependencies,
      devDependencies: dependencies,
      bundleDependencies: sometimes(fc.array(name), true),
    }),
    fc.array(
      fc.tuple(fc.oneof({ weight: 14, arbitrary: place }, { weight: 1, arbitrary: folderPlace }), oddEntry),
      { maxLength: 7 },
    ),
  )
  .map(([root, entries]) => Object.fromEntries([['', root], ...entries]));

const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc.dictionary(
    fc.oneof(
      { weight: 12, arbitrary: name },
      { weight: 1, arbitrary: fc.constantFrom('../x', 'a/node_modules/b', '.', 'a\\b', '') },
    ),
    fc.record({
      version: fc.oneof(
        { weight: 4, arbitrary: version },
        { weight: 2, arbitrary: fc.constantFrom(...oddVersions) },
      ),
      resolved: sometimes(address, ...oddAddresses),
      integrity,
      from: sometimes(
        fc.constant(undefined),
        'a@^1.0.0',
        'git+https://git.example/x.git',
        'b@2.0.0',
        'file:../x',
        'https://evil.example/b/-/b-2.0.0.tgz',
        'o/r',
      ),
      bundled: sometimes(fc.boolean(), 'yes'),
      requires: dependencies,
      dependencies: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant(undefined),
        tie('tree'),
      ),
      ...flags,
    }),
    { maxKeys: 4 },
  ),
}));

const lockfileVersion = fc.constantFrom(1, 2, 3, 3, 0, 4, '3', undefined, 2.5, null);
const usually = { weight: 12 };

it('has an item, or a refusal, for every package that npm would place from packages', async () => {
  await fc.assert(
    fc.asyncProperty(
      packages,
      fc.oneof({ ...usually, arbitrary: fc.constant(3) }, { weight: 3, arbitrary: lockfileVersion }),
      fc.oneof({ ...usually, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: tree }),
      (flat, at, nested) =>
        compare(JSON.stringify({ name: 'app', lockfileVersion: at, packages: flat, dependencies: nested })),
    ),
    { numRuns: Number(process.env.ARBORIST_RUNS ?? 600) },
  );
});

it('has an item, or a refusal, for every package that npm would place from dependencies', async () => {
  await fc.assert(
    fc.asyncProperty(
      tree,
      lockfileVersion,
      fc.oneof(
        { ...usually, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(null, false, '', {}, []) },
      ),
      (nested, at, flat) =>
        compare(
          JSON.stringify({
            name: 'app',
            lockfileVersion: at,
            requires: true,
            packages: flat,
            dependencies: nested,
          }),
        ),
    ),
    { numRuns: Number(process.env.ARBORIST_RUNS ?? 600) },
  );
});

it('agrees with npm on every fixture', async () => {
  const { readdirSync, readFileSync } = await import('node:fs');
  const cases = new URL('../fixtures/cases/', import.meta.url);
  for (const file of readdirSync(cases)) await compare(readFileSync(new URL(file, cases), 'utf8'));
  await compare(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'));
});
