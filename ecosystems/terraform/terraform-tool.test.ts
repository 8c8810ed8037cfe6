import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { comparePins, type ByteDigests } from '@sluice/contracts';
import { createEgress } from '@sluice/egress';
import { inspectArchive } from '@sluice/inspection/inspect';
import { parseSubmission } from '@sluice/intake';
import { chunksOf, zipOf } from '@sluice/testkit';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  buildProviderZip,
  makeSigner,
  startFakeTerraformMirror,
  startFakeTerraformRegistry,
  type FakeProvider,
  type FakeSigner,
} from './fake/index.ts';
import { terraformInspection } from './inspection.ts';
import { terraformIntake } from './intake.ts';
import { terraformClient } from './registry.ts';
import { hasTerraform, terraformFolder, type TerraformFolder } from './test/run-terraform.ts';
import { httpsFront } from './test/https-front.ts';

/** Terraform itself, run over the same registries, archives and lockfiles. */

const toolMs = 60_000;
const { signal } = new AbortController();
const isThere = hasTerraform();
let signer: FakeSigner;
let stranger: FakeSigner;
beforeAll(async () => {
  [signer, stranger] = await Promise.all([makeSigner('acme'), makeSigner('stranger')]);
});

const archives = Object.fromEntries(
  ['linux_amd64', 'darwin_arm64', 'windows_amd64'].map((platform) => [
    platform,
    buildProviderZip({ type: 'thing', version: '1.0.0', platform, files: { 'README.md': platform } }),
  ]),
);

interface Registry {
  /** `localhost:8443/acme/thing`. */
  name: string;
  folder: TerraformFolder;
  env: Record<string, string>;
  url: string;
}

async function publish(provider: Partial<FakeProvider> = {}): Promise<Registry> {
  const fake = await startFakeTerraformRegistry();
  onTestFinished(fake.stop);
  await fake.publish({ namespace: 'acme', type: 'thing', version: '1.0.0', archives, signer, ...provider });
  const { host, ca } = await httpsFront(fake.url);
  const name = `${host}/acme/thing`;
  const folder = await terraformFolder({
    'main.tf': `terraform {\n  required_providers {\n    thing = { source = "${name}", version = "1.0.0" }\n  }\n}\n`,
    'ca.pem': ca,
  });
  return { name, folder, env: { SSL_CERT_FILE: path.join(folder.path, 'ca.pem') }, url: fake.url };
}

/** The pins of the one provider of a lockfile. */
async function pinsIn(folder: TerraformFolder) {
  const content = await readFile(path.join(folder.path, '.terraform.lock.hcl'));
  const { items } = parseSubmission(content, { intakes: [terraformIntake], filename: '.terraform.lock.hcl' });
  expect(items).toHaveLength(1);
  expect(items[0]!.notes).toEqual([]);
  return { name: items[0]!.name, pins: items[0]!.pins };
}

async function digestsOf(archive: Uint8Array): Promise<ByteDigests> {
  const hex = (algorithm: string) => createHash(algorithm).update(archive).digest('hex');
  const { contentHashes } = await inspectArchive(chunksOf(Buffer.from(archive)), terraformInspection);
  return { sha1: hex('sha1'), sha256: hex('sha256'), sha512: hex('sha512'), h1: contentHashes };
}

/** The client's manifest of a provider in the registry that Terraform asks. */
async function manifestOf({ url, name }: Registry, platforms: string[]) {
  const egress = createEgress({ allowHosts: [], trustedOrigins: [url] });
  onTestFinished(() => egress.close());
  const settings = { url, scopes: new Map<string, string>(), credentials: [], platforms };
  const registry = terraformClient.open({ ...settings, aliases: [`https://${name.split('/')[0]}/`] }, egress);
  return await registry.manifest(name, '1.0.0', signal);
}

describe('a lockfile that Terraform writes', () => {
  it(
    'pins what is in the archives, by each of its hashes',
    async ({ skip }) => {
      skip(!isThere);
      const registry = await publish();
      const { folder, env, name } = registry;
      const locked = await folder.run(
        ['providers', 'lock', '-platform=linux_amd64', '-platform=darwin_arm64'],
        env,
      );
      expect(locked).toMatchObject({ status: 0 });
      const found = await pinsIn(folder);
      expect(found.name).toBe(name);
      // A content hash for each platform that was named, and the archive's for all that the list has.
      expect(found.pins.map(({ algorithm }) => algorithm).toSorted()).toEqual([
        'h1',
        'h1',
        'sha256',
        'sha256',
        'sha256',
      ]);
      const digests = await Promise.all(
        ['linux_amd64', 'darwin_arm64'].map((platform) => digestsOf(archives[platform]!)),
      );
      const contents = found.pins.filter(({ algorithm }) => algorithm === 'h1');
      expect(new Set(contents.map(({ hex }) => hex))).toEqual(new Set(digests.flatMap(({ h1 }) => h1!)));
      for (const digest of digests) {
        expect(comparePins(found.pins, [digest])).toBe('match');
        expect(comparePins(contents, [digest])).toBe('match');
      }
      expect(
        comparePins(found.pins, [await digestsOf(buildProviderZip({ type: 'thing', version: '1.0.1' }))]),
      ).toBe('mismatch');
      const { otherHashes, files } = await manifestOf(registry, ['linux_amd64']);
      const stated = [
        ...otherHashes!,
        ...files.flatMap(({ hashes }) => hashes.map(({ hex }) => hex.slice(0, 32))),
      ];
      const zips = found.pins.filter(({ algorithm }) => algorithm === 'sha256');
      expect(new Set(zips.map(({ hex }) => hex.slice(0, 32)))).toEqual(new Set(stated));
    },
    toolMs,
  );

  it(
    'of a zip with folders has one of the hashes that were found',
    async ({ skip }) => {
      skip(!isThere);
      const folders = zipOf({
        'docs/': '',
        'docs/a.md': 'a',
        'terraform-provider-thing_v1.0.0': Buffer.from('7f454c46'.padEnd(64, '0'), 'hex'),
      });
      const { folder, env } = await publish({ archives: { linux_amd64: folders } });
      const { status } = await folder.run(['providers', 'lock', '-platform=linux_amd64'], env);
      expect(status).toBe(0);
      const { pins } = await pinsIn(folder);
      const contents = pins.filter(({ algorithm }) => algorithm === 'h1');
      expect(comparePins(contents, [await digestsOf(folders)])).toBe('match');
    },
    toolMs,
  );
});

describe('a signature that is not right', () => {
  it.skipIf(!isThere).each<[string, () => Partial<FakeProvider>]>([
    ['by another key', () => ({ signer: stranger, statedKeys: [signer.armoredKey] })],
    [
      'over another digest',
      () => ({ sums: `${'0'.repeat(64)}  terraform-provider-thing_1.0.0_linux_amd64.zip\n` }),
    ],
    ['that is none', () => ({ signature: Buffer.from('nothing') })],
    ['that is not there', () => ({ signature: null })],
  ])(
    '%s is refused by Terraform, and failed here',
    async (_, provider) => {
      const registry = await publish(provider());
      const { status } = await registry.folder.run(
        ['providers', 'lock', '-platform=linux_amd64'],
        registry.env,
      );
      expect(status).not.toBe(0);
      const { files } = await manifestOf(registry, ['linux_amd64']);
      expect(files[0]!.signature).toMatchObject({ status: 'failed' });
    },
    toolMs,
  );

  it(
    'is none where Terraform has nothing against it',
    async ({ skip }) => {
      skip(!isThere);
      const registry = await publish({ statedKeys: [stranger.armoredKey, signer.armoredKey] });
      const { status } = await registry.folder.run(
        ['providers', 'lock', '-platform=linux_amd64'],
        registry.env,
      );
      expect(status).toBe(0);
      const { files } = await manifestOf(registry, ['linux_amd64']);
      expect(files[0]!.signature).toMatchObject({ status: 'verified', key: signer.fingerprint });
    },
    toolMs,
  );
});

describe('a mirror', () => {
  it(
    'that Terraform fills is read, with its hashes',
    async ({ skip }) => {
      skip(!isThere);
      const { folder, env, name } = await publish();
      const mirrored = path.join(folder.path, 'mirror');
      await mkdir(mirrored);
      const made = await folder.run(['providers', 'mirror', '-platform=linux_amd64', mirrored], env);
      expect(made).toMatchObject({ status: 0 });
      const fake = await startFakeTerraformMirror();
      onTestFinished(fake.stop);
      for (const file of await readdir(mirrored, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const place = path.join(file.parentPath, file.name);
        const type = file.name.endsWith('.json') ? 'application/json' : 'application/zip';
        fake.serve(`/mirror/${path.relative(mirrored, place)}`, await readFile(place), type);
      }
      const egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
      onTestFinished(() => egress.close());
      const settings = {
        url: fake.mirrorUrl,
        protocol: 'mirror',
        scopes: new Map<string, string>(),
        credentials: [],
      };
      const { files } = await terraformClient.open(settings, egress).manifest(name, '1.0.0', signal);
      expect(files).toMatchObject([
        { platform: 'linux_amd64', kind: 'zip', signature: { status: 'unavailable' } },
      ]);
      const digests = await digestsOf(archives['linux_amd64']!);
      const { h1 } = digests;
      expect(files[0]!.hashes.filter(({ algorithm }) => algorithm === 'h1').map(({ hex }) => hex)).toEqual(
        h1,
      );
      expect(comparePins(files[0]!.hashes, [digests])).toBe('match');
    },
    toolMs,
  );

  it(
    'of ours is one that Terraform locks from',
    async ({ skip }) => {
      skip(!isThere);
      const fake = await startFakeTerraformMirror();
      onTestFinished(fake.stop);
      const archive = archives['linux_amd64']!;
      const { h1 } = await digestsOf(archive);
      const stated = `h1:${Buffer.from(h1![0]!, 'hex').toString('base64')}`;
      fake.publish({
        name: 'registry.example/acme/thing',
        version: '1.0.0',
        archives: { linux_amd64: { body: archive, hashes: [stated] } },
      });
      const { host, ca } = await httpsFront(fake.url);
      const folder = await terraformFolder({
        'main.tf':
          'terraform {\n  required_providers {\n    thing = { source = "registry.example/acme/thing" }\n  }\n}\n',
        'ca.pem': ca,
      });
      const env = { SSL_CERT_FILE: path.join(folder.path, 'ca.pem') };
      const args = ['providers', 'lock', `-net-mirror=https://${host}/mirror/`, '-platform=linux_amd64'];
      expect(await folder.run(args, env)).toMatchObject({ status: 0 });
      const { pins } = await pinsIn(folder);
      expect(comparePins(pins, [await digestsOf(archive)])).toBe('match');
    },
    toolMs,
  );
});
