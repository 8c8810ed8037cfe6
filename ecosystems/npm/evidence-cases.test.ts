import { readFileSync } from 'node:fs';
import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf, packageTarball } from '@sluice/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../libs/inspection/test/bundle.ts';
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

async function findingsIn(files: EvidenceCase['files'], pad: (text: string) => string = (text) => text) {
  const contents = Object.entries(files).map(([path, file]): [string, string | Buffer] => {
    if (typeof file !== 'string') return [path, Buffer.from(file.base64, 'base64')];
    return [path, isCode.test(path) ? pad(file) : file];
  });
  return (await inspectArchive(chunksOf(packageTarball(Object.fromEntries(contents))), npmInspection))
    .findings;
}

/** Whatever its name says. */
const isCode = /\.(?:js|ts|css)$/;
/** Beginnings that must stay, and code that functions cannot hold. */
const isFixed = /^(?:MZ|#!|import )|\bimport\s|\bawait\b|\bexport\b/;

/** In a function among many others, as in a bundle. */
function within(text: string): string {
  const padding = bundle.repeat(5);
  if (isFixed.test(text)) return `${text}\n;${padding}${padding}`;
  return `(function (e, t) {\n${padding}\nfunction n(r) {\n${text}\n}\n${padding}\nn(e);\n})(this);`;
}

const forms: [string, ((text: string) => string) | undefined][] = [
  ['as it is', undefined],
  [
    'behind 30 kB of other code',
    (text) => (isFixed.test(text) ? `${text}\n;${bundle}` : `${bundle}\n;${text}`),
  ],
  ['within 300 kB of other code', within],
];

describe.each(forms)('%s', (_form, pad) => {
  test.each(cases.map((one) => [one.id, one] as const))('%s', async (id, { at, files }) => {
    const findings = await findingsIn(files, pad);
    const tiers = findings.map(({ tier }) => ranks.indexOf(tier));
    const isRight = at === 'none' ? Math.max(0, ...tiers) === 0 : Math.max(0, ...tiers) >= ranks.indexOf(at);
    expect(isRight, JSON.stringify(findings)).toBe(!missed.has(id));
  });
});
