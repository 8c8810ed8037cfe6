import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SubmissionItem } from '@sluice/contracts';
import { parseSubmission } from '@sluice/intake';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageLock } from './fake/index.ts';
import { npmIntake } from './intake.ts';

/** SBOMs that tools made, some of them recorded, name what the lockfile does. */
const run = promisify(execFile);
const recorded = new URL('fixtures/sbom/', import.meta.url);
const read = (content: Buffer, filename: string) =>
  parseSubmission(content, {
    intakes: [npmIntake],
    filename,
    registriesOf: () => ['https://registry.example/'],
  });

const expected = {
  'pkg:npm/%40babel/code-frame@7.26.2': '4499481d1b9e',
  'pkg:npm/%40babel/helper-validator-identifier@7.29.7': 'a9e8711a4463',
  // Its purl is in lower case, the name beside it is not.
  'pkg:npm/JSONStream@1.3.5': '13e8abb8d398',
  'pkg:npm/js-tokens@4.0.0': '45d2547e5704',
  'pkg:npm/jsonparse@1.3.1': '3ce417be974b',
  'pkg:npm/left-pad@1.3.0': '5c8e4c3f354d',
  'pkg:npm/lodash@4.17.21': 'bf690311ee7b',
  'pkg:npm/ms@2.0.0': '4e9a7ad0fe88',
  'pkg:npm/ms@2.1.3': 'e85973b9b4cb',
  'pkg:npm/picocolors@1.1.1': 'c5c787dac9e1',
  'pkg:npm/through@2.3.8': 'c3cf6a83b3c8',
  // A workspace: nothing in the document tells it from a package of the registry.
  'pkg:npm/%40app/w@0.1.0': null,
};

it.each(await readdir(recorded))('%s', async (file) => {
  const { items, format } = read(await readFile(new URL(file, recorded)), file);
  const [subject, ...packages] = items;
  expect(subject).toMatchObject({ name: 'app', unassessable: { code: 'source.workspace' } });
  // Version 1.2 has no hashes at addresses.
  const isHashed = format !== 'cyclonedx@1.2';
  const pins = packages.map(({ purl, pins: [pin] }) => [purl, pin?.hex.slice(0, 12) ?? null] as const);
  const wanted = isHashed ? expected : Object.fromEntries(Object.keys(expected).map((purl) => [purl, null]));
  expect(Object.fromEntries(pins)).toEqual(wanted);
  expect(packages.flatMap(({ notes }) => notes.map(({ code }) => code))).toEqual([]);
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-sbom-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Purls with their pins, in order. */
const judged = (items: SubmissionItem[]) =>
  items
    .filter(({ purl }) => purl !== null)
    .map(({ purl, pins, dev, optional }) => JSON.stringify({ purl, pins, dev, optional }))
    .toSorted();

const sbomOf = (format: string) =>
  run('npm', ['sbom', '--package-lock-only', '--sbom-format', format], { cwd: folder, maxBuffer: 1e8 });
const npmMakesSboms = await run('npm', ['sbom', '--help']).then(
  ({ stdout }) => stdout.includes('--sbom-format'),
  () => false,
);
if (!npmMakesSboms) console.warn('npm cannot make SBOMs here (10 and newer can): not compared with it.');

it.runIf(npmMakesSboms).each(['cyclonedx', 'spdx'])(
  '`npm sbom` as %s names and pins what its lockfile does',
  async (format) => {
    const text = packageLock(3, [
      { name: 'a', version: '1.0.0', dependencies: { '@s/b': '^2.0.0' } },
      { name: '@s/b', version: '3.0.0' },
      { name: '@s/b', version: '2.0.0', inside: 'node_modules/a' },
      { name: 'JSONStream', version: '1.3.5' },
    ]);
    const lock = JSON.parse(text) as { packages: Record<string, { dependencies?: object }> };
    await writeFile(path.join(folder, 'package-lock.json'), text);
    await writeFile(path.join(folder, 'package.json'), JSON.stringify(lock.packages['']));
    const { stdout } = await sbomOf(format);
    const fromSbom = read(Buffer.from(stdout), 'sbom.json');
    expect(fromSbom.format).toMatch(format === 'spdx' ? /^spdx@2\.3$/ : /^cyclonedx@1\.\d$/);
    expect(judged(fromSbom.items)).toEqual(judged(read(Buffer.from(text), 'package-lock.json').items));
  },
);
