import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '@sluice/testkit/fakes';
import { purlOf } from '../load.ts';
import type { Row } from '../row.ts';

/** Row 27: stored archives are damaged between the download and the scan. */
export const blobsDamaged: Row = {
  number: 27,
  name: 'blob flipped, missing, unreadable',
  async inject(world) {
    const damages = ['flipped', 'missing', 'unreadable'] as const;
    const scanner = await world.signal('scanner', 'SIGSTOP');
    const names = world.load.publish(damages.length);
    const purls = names.map(purlOf);
    const submitted = Promise.all([world.load.submitOne(names), world.load.submit(world.packages)]);
    const stored = await waitFor(
      async () => {
        const rows = await world.sql<{ purl: string; digest: string }[]>`
          select purl, download -> 'files' -> 0 ->> 'artifactDigest' as digest from read.package_evidence
          where purl = any(${purls}::text[]) and download is not null`;
        return rows.length === names.length ? rows : null;
      },
      { what: 'the downloads', timeoutMs: 60_000 },
    );
    for (const [index, damage] of damages.entries()) {
      const digest = stored.find(({ purl }) => purl === purls[index])!.digest.replace('sha256:', '');
      const file = path.join(
        world.stack.info.artifactsFolder,
        'sha256',
        digest.slice(0, 2),
        digest.slice(2, 4),
        digest,
      );
      const bytes = await readFile(file);
      await rm(file);
      bytes[20] = bytes[20]! ^ 0xff;
      if (damage === 'flipped') await writeFile(file, bytes);
      // Reading a folder fails as reading from a broken disk does: with an error of the system.
      if (damage === 'unreadable') await mkdir(file);
    }
    process.kill(scanner, 'SIGCONT');
    await submitted;
    return { what: `three archives, ${damages.join(', ')}, among others` };
  },
};
