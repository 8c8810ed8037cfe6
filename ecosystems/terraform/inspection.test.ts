import { inspectArchive } from '@sluice/inspection/inspect';
import type { AssessmentView } from '@sluice/inspection';
import { chunksOf, zipOf } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { terraformAssessment } from './assessment.ts';
import { contentHashes } from './archive/dirhash.ts';
import { buildProviderZip } from './fake/index.ts';
import { terraformInspection } from './inspection.ts';

const inspect = (archive: Buffer) => inspectArchive(chunksOf(archive), terraformInspection);
const sample = { type: 'thing', version: '1.0.0' };
const program = 'terraform-provider-thing_v1.0.0';

describe('the archive of a provider', () => {
  it('is read with its program, its license and its content hash', async () => {
    const license = 'Mozilla Public License Version 2.0';
    const report = await inspect(
      buildProviderZip({ ...sample, files: { 'LICENSE.txt': license, 'README.md': 'x' } }),
    );
    expect(report).toMatchObject({
      status: 'scanned',
      manifest: {
        name: 'thing',
        version: '1.0.0',
        bin: { thing: program },
        executables: { [program]: 'ELF' },
      },
      contentHashes: [expect.stringMatching(/^[0-9a-f]{64}$/) as string],
    });
    expect(report.findings.map(({ rule, tier }) => `${tier} ${rule}`)).toEqual([
      'note package.bundled-executable',
    ]);
  });

  it('has the hash of what is unpacked, and another one with entries for folders', async () => {
    const elf = buildProviderZip(sample);
    const plain = await inspect(elf);
    const withFolder = await inspect(buildProviderZip({ ...sample, files: { 'docs/': '' } }));
    expect(plain.contentHashes).toHaveLength(1);
    expect(withFolder.contentHashes).toHaveLength(2);
    expect(withFolder.contentHashes![0]).toBe(plain.contentHashes![0]);
  });

  it.each<[string, Buffer, string]>([
    ['without a program', zipOf({ 'README.md': 'x' }), 'The archive has no program of a provider'],
    [
      'with a program in a folder',
      zipOf({ [`bin/${program}`]: 'x' }),
      'The archive has no program of a provider',
    ],
    [
      'with a script in its place',
      buildProviderZip({ ...sample, program: '#!/bin/sh\n' }),
      'The program of the provider is no native executable',
    ],
    [
      'with two programs',
      buildProviderZip({ ...sample, files: { 'terraform-provider-thing_v0.9.0': 'x' } }),
      'The archive has several programs of providers',
    ],
  ])('%s is found', async (_, archive, title) => {
    const { findings } = await inspect(archive);
    expect(findings.filter(({ tier }) => tier === 'review').map((finding) => finding.title)).toContain(title);
  });
});

describe('rules over the report', () => {
  const titles = async (
    archive: Buffer,
    asked: { name?: string; version?: string; platform?: string | null } = {},
  ) => {
    const { name = 'registry.example/acme/thing', version = '1.0.0', platform = 'linux_amd64' } = asked;
    const { manifest } = await inspect(archive);
    const file = { file: 'x.zip', kind: 'zip', platform };
    const view = { name, version, file, archived: manifest, registered: null } as unknown as AssessmentView;
    return terraformAssessment.rules.flatMap((rule) =>
      [...rule.check(view)].map((hit) => hit.title ?? rule.title),
    );
  };

  it('have nothing against the provider that was asked for, on any platform', async () => {
    for (const platform of ['linux_amd64', 'darwin_arm64', 'windows_386', 'freebsd_arm']) {
      expect(await titles(buildProviderZip({ ...sample, platform }), { platform })).toEqual([]);
    }
    expect(await titles(zipOf({ 'terraform-provider-thing': Buffer.from('7f454c46', 'hex') }))).toEqual([]);
  });

  it('find another provider, another version and another platform', async () => {
    expect(await titles(buildProviderZip(sample), { name: 'registry.example/acme/other' })).toEqual([
      'The program states another provider',
    ]);
    expect(await titles(buildProviderZip(sample), { version: '1.0.1' })).toEqual([
      'The program states another version',
    ]);
    expect(await titles(buildProviderZip(sample), { platform: 'windows_amd64' })).toEqual([
      'The program is ELF, the archive is for windows_amd64',
    ]);
  });
});

it('content hashes go by the bytes of names, and there is none for a name of two lines', () => {
  const hex = '0'.repeat(64);
  const of = (...paths: string[]) =>
    contentHashes(
      paths.map((path) => ({ path, hex })),
      [],
    );
  expect(of('b', 'a')).toEqual(of('a', 'b'));
  // By UTF-16 the second one would come first.
  expect(of('\u{10000}', '\uffff')).toEqual(of('\uffff', '\u{10000}'));
  expect(of('a\nb')).toEqual([]);
});
