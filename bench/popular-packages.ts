import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEgress, type Egress } from '@sluice/egress';
import { npmHighImpact } from 'npm-high-impact';

/** Outside of the tree, and kept between runs: a run that was interrupted goes on where it stopped. */
const folder = path.join(tmpdir(), 'sluice-bench-popular');
/** A registry serves this many without being a burden to others. */
const atOnce = 4;
const archiveMaxBytes = 128 * 1024 * 1024;

/**
 * The archives of the first names of the list of popular packages, in the version that is the latest when they are fetched.
 * @returns paths of those that the registry has.
 */
export async function popularArchives(
  count: number,
  registryUrl: string,
  say: (line: string) => void,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const egress = createEgress({ allowHosts: [], trustedOrigins: [new URL(registryUrl).origin] });
  const names = npmHighImpact.slice(0, count);
  const found: string[] = [];
  const waiting = names.entries();
  const work = async () => {
    for (const [index, name] of waiting) {
      const archive = await archiveOf(name, registryUrl, egress);
      if (archive !== null) found.push(archive);
      if ((index + 1) % 100 === 0) say(`  ${index + 1} of ${names.length} popular packages`);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await egress.close();
  }
  return found.toSorted();
}

async function archiveOf(name: string, registryUrl: string, egress: Egress): Promise<string | null> {
  const file = path.join(folder, `${name.replace('/', '+')}.tgz`);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) return file;
  const latest = new URL(`${name.replace('/', '%2f')}/latest`, registryUrl.replace(/\/*$/, '/'));
  const statement = await egress.getBytes(latest.href, { compressed: true });
  if (statement.status !== 200) return null;
  const { dist } = JSON.parse(statement.bytes.toString('utf8')) as { dist: { tarball: string } };
  const archive = await egress.getBytes(dist.tarball, { maxBytes: archiveMaxBytes });
  if (archive.status !== 200) return null;
  await writeFile(`${file}.part`, archive.bytes);
  await rename(`${file}.part`, file);
  return file;
}
