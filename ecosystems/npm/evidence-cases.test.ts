import { readFileSync } from 'node:fs';
import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf, packageTarball } from '@sluice/testkit/fakes';
import { expect, test } from 'vitest';
import { npmInspection } from './inspection.ts';

/** A harmless imitation of an attack, or honest code that looks like one. */
interface EvidenceCase {
  /** Kind, a dot, and a name. */
  id: string;
  /** The least tier that one finding must have; `none` for no finding above `note`. */
  at: 'block' | 'review' | 'none';
  files: Record<string, string | { base64: string }>;
}

/** Cases that are known to be missed. Shrinks; never grows. */
const missed = new Set<string>([]);

const cases = JSON.parse(
  readFileSync(new URL('fixtures/evidence/cases.json', import.meta.url), 'utf8'),
) as EvidenceCase[];
const ranks = ['note', 'review', 'block'];

test.each(cases.map((one) => [one.id, one] as const))('%s', async (id, { at, files }) => {
  const archive = packageTarball(
    Object.fromEntries(
      Object.entries(files).map(([path, file]) => [
        path,
        typeof file === 'string' ? file : Buffer.from(file.base64, 'base64'),
      ]),
    ),
  );
  const { findings } = await inspectArchive(chunksOf(archive), npmInspection);
  const tiers = findings.map(({ tier }) => ranks.indexOf(tier));
  const isRight = at === 'none' ? Math.max(0, ...tiers) === 0 : Math.max(0, ...tiers) >= ranks.indexOf(at);
  expect(isRight, JSON.stringify(findings)).toBe(!missed.has(id));
});
