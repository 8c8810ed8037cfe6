import { createHash } from 'node:crypto';
import { list } from 'tar';
import { expect, it } from 'vitest';
import { fakeNpmRegistry } from './fake-npm-registry.ts';

const registry = await fakeNpmRegistry();

it('serves packument, manifest and tarball of a published package', async () => {
  const published = registry.publish({
    name: '@acme/left',
    version: '1.2.3',
    manifest: { license: 'MIT' },
    files: { 'index.js': 'module.exports = 1;' },
  });
  const packument = await (await fetch(`${registry.url}/@acme%2fleft`)).json();
  expect(packument).toMatchObject({
    'dist-tags': { latest: '1.2.3' },
    time: { '1.2.3': expect.any(String) },
  });
  const manifest = (await (await fetch(`${registry.url}/@acme/left/1.2.3`)).json()) as {
    dist: { tarball: string };
  };
  expect(manifest).toMatchObject({ license: 'MIT', dist: { integrity: published.integrity } });

  const bytes = new Uint8Array(await (await fetch(manifest.dist.tarball)).arrayBuffer());
  expect(`sha512-${createHash('sha512').update(bytes).digest('base64')}`).toBe(published.integrity);
  expect(await entriesOf(bytes)).toEqual(['package/package.json', 'package/index.js']);
  expect(registry.requests(published.tarballPath)).toBe(1);
});

it('answers with a status and Retry-After as often as it is told to', async () => {
  const { metadataPath } = registry.publish({ name: 'busy', version: '1.0.0' });
  registry.fail(metadataPath, { status: 429, retryAfter: '7', times: 2 });
  const answers = [];
  for (let request = 0; request < 3; request += 1) answers.push(await fetch(registry.url + metadataPath));
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
  expect(answers[0]?.headers.get('retry-after')).toBe('7');
});

it('breaks off in the middle of a body', async () => {
  const { tarballPath } = registry.publish({ name: 'broken', version: '1.0.0' });
  registry.fail(tarballPath, { truncateAt: 10 });
  const response = await fetch(registry.url + tarballPath);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

it('serves other bytes of the same length', async () => {
  const published = registry.publish({ name: 'changed', version: '1.0.0' });
  registry.fail(published.tarballPath, { corrupt: true });
  const bytes = Buffer.from(await (await fetch(published.tarballUrl)).arrayBuffer());
  expect(bytes).toHaveLength(published.tarball.length);
  expect(bytes.equals(published.tarball)).toBe(false);
});

it('answers 404 for a package that was not published', async () => {
  registry.publish({ name: 'known', version: '1.0.0' });
  const statuses = await Promise.all(
    ['/unknown', '/known/2.0.0'].map(async (path) => (await fetch(registry.url + path)).status),
  );
  expect(statuses).toEqual([404, 404]);
});

async function entriesOf(bytes: Uint8Array): Promise<string[]> {
  const paths: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const parser = list({ onReadEntry: (entry) => paths.push(entry.path) });
    parser.on('end', resolve).on('error', reject);
    parser.end(Buffer.from(bytes));
  });
  return paths;
}
