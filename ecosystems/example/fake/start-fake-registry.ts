import { gzipSync } from 'node:zlib';
import { integrityOf, startFakeHost, tar, type Answer, type FakeHost } from '@sluice/testkit/fakes';

export interface ExamplePackage {
  name: string;
  version: string;
  /** Files beside MANIFEST. */
  files?: Record<string, string | Uint8Array>;
  /** A command in MANIFEST. */
  start?: string;
}

export interface FakeExampleRegistry extends FakeHost {
  publish(one: ExamplePackage): {
    archiveUrl: string;
    archive: Uint8Array;
    integrity: string;
  };
  /** Serves these bytes at a path. */
  serve(path: string, body: Uint8Array): void;
}

/** A registry of the example ecosystem over local HTTP. */
export async function startFakeExampleRegistry(): Promise<FakeExampleRegistry> {
  const answers = new Map<string, Answer>();
  const host = await startFakeHost(
    (path) => answers.get(path) ?? { status: 404, type: 'text/plain', body: Buffer.from('') },
  );
  const serve = (path: string, body: Uint8Array, type = 'application/octet-stream') =>
    void answers.set(path, { status: 200, type, body });
  return {
    ...host,
    serve,
    publish(one) {
      const { name, version } = one;
      const archive = exampleArchive(one);
      const archivePath = `/${name}/${version}.tgz`;
      const metadataPath = `/${name}/${version}.json`;
      const archiveUrl = `${host.url}${archivePath}`;
      const integrity = integrityOf(archive, 'sha256');
      const published = '2024-01-01T00:00:00.000Z';
      const metadata = { name, version, license: 'MIT', published, archive: { url: archiveUrl, integrity } };
      serve(metadataPath, Buffer.from(JSON.stringify(metadata)), 'application/json');
      serve(archivePath, archive);
      return { archiveUrl, archive, integrity };
    },
  };
}

export function exampleArchive({ name, version, files = {}, start }: ExamplePackage): Buffer {
  const manifest = [`name: ${name}`, `version: ${version}`, ...(start ? [`start: ${start}`] : [])].join('\n');
  const entries = Object.entries({ MANIFEST: manifest, ...files });
  return gzipSync(tar(entries.map(([path, body]) => ({ path, body }))));
}
