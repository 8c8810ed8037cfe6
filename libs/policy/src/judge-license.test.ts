import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import type { Evidence, LicenseEvidence, ScannedFile } from '@sluice/contracts';
import { compareLicense, normaliseDeclaredLicense } from '@sluice/licenses';
import { cleanEvidence, cleanLicense, cleanScan } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { judge, judgeExpression, parsePolicy, policySchema, type PolicyOutcome } from './index.ts';

const require = createRequire(import.meta.url);
const policy = parsePolicy('version: 1\nname: test\n');
const now = new Date('2026-01-10T00:00:00Z');
const rank = { approve: 0, review: 1, reject: 2 };

type Texts = ScannedFile['licenseTexts'];
const text = (expression: string, file = 'LICENSE', score = 1) => ({ file, expression, score });

function evidence(
  declared: unknown,
  licenseTexts: Texts = [],
  changes: Partial<LicenseEvidence> = {},
): Evidence {
  const license = cleanLicense({ ...normaliseDeclaredLicense(declared), ...changes });
  const licenseAgreement = compareLicense(license.expression, licenseTexts);
  return cleanEvidence({ license, scan: cleanScan({ licenseTexts, licenseAgreement }) });
}

function verdict(declared: unknown, texts: Texts = [], yaml = ''): [PolicyOutcome, ...string[]] {
  const by = yaml === '' ? policy : parsePolicy(`version: 1\nname: test\nlicense: ${yaml}\n`);
  const { outcome, reasons } = judge(evidence(declared, texts), by, now);
  return [outcome, ...reasons.map(({ code }) => code)];
}

describe('a declared license under the default policy', () => {
  it.each<[string, PolicyOutcome]>([
    ['EUPL', 'review'],
    ['Apache-2.0 with Commons Clause', 'review'],
    ['BSL 1.1', 'review'],
    ['BSL', 'review'],
    ['ISC License', 'approve'],
    ['LGPL-2.1 or later', 'approve'],
    ['MPL 1.1/GPL 2.0/LGPL 2.1', 'approve'],
    ['MPL 1.1, GPL 2.0, LGPL 2.1', 'review'],
    ['CDDL-1.0', 'approve'],
    ['EPL-2.0', 'approve'],
    ['MIT OR', 'review'],
    ['MIT; GPL-3.0', 'review'],
    ['LicenseRef-Company', 'review'],
    ['DocumentRef-x:LicenseRef-public-domain', 'review'],
    ['Public Domain', 'approve'],
    ['MIT AND LicenseRef-Company', 'review'],
    ['MIT OR LicenseRef-Company', 'approve'],
    ['GPL-2.0-with-classpath-exception', 'review'],
    ['eCos-2.0', 'review'],
    ['wxWindows', 'approve'],
    ['EUPL-1.1+', 'review'],
    ['CC-BY-NC-4.0', 'review'],
    ['CC-BY-4.0', 'approve'],
    ['CECILL-2.1', 'review'],
    ['CECILL-B', 'approve'],
    ['JSON', 'review'],
    ['Elastic-2.0', 'review'],
  ])('%s: %s', (declared, outcome) => {
    expect(verdict(declared)[0]).toBe(outcome);
  });

  it('is reviewed for every license whose name says copyleft, non-commercial or source-available', () => {
    const titles = require('spdx-license-list') as Record<string, { name: string }>;
    const demanding =
      /general public license|affero|non.?commercial|no derivatives|share alike|business source|source license,|polyform|hippocratic|server side|strong(?:ly)? (?:copyleft|reciprocal)|reciprocal|free documentation/i;
    const weak = /lesser|library|without? copyleft|weak/i;
    const missed = Object.entries(titles)
      .filter(([, { name }]) => demanding.test(name) && !weak.test(name))
      .filter(([id]) => judgeExpression(id, policy.license).outcome === 'approve');
    expect(missed).toEqual([]);
  });
});

describe('judgeExpression', () => {
  const rules = (changes: object) => policySchema.parse({ version: 1, name: 'x', license: changes }).license;

  it.each([
    ['GPL-3.0', 'GPL-3.0-only'],
    ['GPL-3.0', 'GPL-3.0-or-later'],
    ['GPL-3.0+', 'GPL-3.0-or-later'],
    ['gpl-3.0-ONLY', 'GPL-3.0-only'],
    ['MPL-1.1+', 'MPL-1.1+'],
    ['MPL-1.1', 'MPL-1.1+'],
    ['LGPL-*', 'wxWindows'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-with-classpath-exception'],
    ['LicenseRef-*', 'LicenseRef-public-domain'],
  ])('a denied %s is also %s', (pattern, expression) => {
    expect(judgeExpression(expression, rules({ deny: [pattern] })).outcome).toBe('reject');
  });

  it.each(['', 'no license', '('.repeat(10_000), 'MIT WITH Unknown-exception', 'MIT OR', 'Brand-New-1.0'])(
    'knows nothing of %j',
    (expression) => {
      expect(judgeExpression(expression, rules({}))).toMatchObject({
        outcome: 'review',
        unknown: [expression],
      });
      expect(judgeExpression(expression, rules({ unknown: 'reject' })).outcome).toBe('reject');
    },
  );

  it('accepts a custom license only where the policy names it', () => {
    expect(judgeExpression('LicenseRef-Acme-1', rules({ accept: ['LicenseRef-Acme-*'] })).outcome).toBe(
      'approve',
    );
    expect(
      judgeExpression('LicenseRef-Acme-1', rules({ accept: ['*'], deny: ['LicenseRef-Acme-*'] })).outcome,
    ).toBe('reject');
  });

  it('is never milder for AND, and never stricter for OR, than for either side', () => {
    const license = fc.constantFrom(
      'MIT',
      'GPL-3.0-only',
      'LicenseRef-X',
      'SSPL-1.0',
      'Apache-2.0+',
      'LGPL-3.0-only',
    );
    const outcome = fc.constantFrom<PolicyOutcome>('approve', 'review', 'reject');
    fc.assert(
      fc.property(license, license, outcome, (left, right, unknown) => {
        const by = rules({ unknown, deny: ['SSPL-*'] });
        const of = (expression: string) => rank[judgeExpression(expression, by).outcome];
        expect(of(`${left} AND ${right}`)).toBe(Math.max(of(left), of(right)));
        expect(of(`${left} OR ${right}`)).toBe(Math.min(of(left), of(right)));
      }),
    );
  });
});

describe('license texts in the archive', () => {
  it.each<[string, Texts, ...string[]]>([
    ['MIT', [text('MIT')], 'approve'],
    ['MIT', [text('ISC')], 'approve', 'license.text-differs'],
    ['MIT', [text('GPL-3.0-only')], 'review', 'license.text-differs'],
    ['MIT', [text('MIT'), text('GPL-3.0-only', 'COPYING')], 'review', 'license.text-differs'],
    ['MIT', [text('LicenseRef-MIT-with-additional-terms')], 'review', 'license.text-differs'],
    [
      'MIT',
      [text('MIT'), text('LicenseRef-unrecognised-terms', 'LICENSE-2', 0)],
      'review',
      'license.text-differs',
    ],
    ['MIT', [text('MIT'), text('Hippocratic-2.1', 'LICENSE-2')], 'review', 'license.text-differs'],
    ['MIT', [text('MIT'), text('MPL-2.0', 'COPYING')], 'approve', 'license.text-differs'],
    ['MIT', [text('BUSL-1.1', 'README.md', 0.5)], 'review', 'license.text-differs'],
    [
      'MIT',
      [text('MIT', 'README.md', 0.5), text('GPL-3.0-only', 'README.md', 0.5)],
      'approve',
      'license.text-differs',
    ],
    ['MIT OR GPL-3.0-or-later', [text('GPL-3.0-only')], 'approve'],
    ['LGPL-3.0-only', [text('LGPL-3.0-only'), text('GPL-3.0-only', 'COPYING')], 'approve'],
    ['LGPL-3.0-only', [text('GPL-3.0-only')], 'review', 'license.text-differs'],
    ['GPL-3.0-only', [text('AGPL-3.0-only')], 'review', 'license.review', 'license.text-differs'],
  ])('declared %s with %j', (declared, texts, ...expected) => {
    expect(verdict(declared, texts)).toEqual(expected);
  });

  it('lead to the policy’s outcome for their license, and at least to textDiffers', () => {
    expect(verdict('MIT', [text('GPL-3.0-only')], "{ deny: ['GPL-*'] }")[0]).toBe('reject');
    expect(verdict('MIT', [text('ISC')], '{ textDiffers: review }')[0]).toBe('review');
    expect(verdict('MIT', [text('LicenseRef-x')], '{ textDiffers: approve, unknown: reject }')[0]).toBe(
      'reject',
    );
  });

  it('name the file that is stricter', () => {
    const { reasons } = judge(evidence('MIT', [text('MIT'), text('AGPL-3.0-only', 'COPYING')]), policy, now);
    expect(reasons[0]!.message).toContain('COPYING');
    expect(reasons[0]!.data).toMatchObject({ stricter: [{ file: 'COPYING', expression: 'AGPL-3.0-only' }] });
  });

  it('never make a verdict milder than the declaration alone', () => {
    const licenses = [
      'MIT',
      'ISC',
      'GPL-3.0-only',
      'LGPL-3.0-only',
      'SSPL-1.0',
      'LicenseRef-x',
      'MIT OR GPL-2.0-only',
    ];
    const texts = fc.array(
      fc.record({
        file: fc.constantFrom('LICENSE', 'COPYING', 'README.md'),
        expression: fc.constantFrom(...licenses),
        score: fc.constantFrom(0.5, 0.9, 0.98, 1),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...licenses, 'nonsense', 'UNLICENSED'), texts, (declared, found) => {
        expect(rank[verdict(declared, found)[0]]).toBeGreaterThanOrEqual(rank[verdict(declared)[0]]);
      }),
    );
  });
});

describe('a license that is not declared', () => {
  it.each<[unknown, Texts, ...string[]]>([
    [undefined, [text('MIT')], 'approve', 'license.from-text'],
    [undefined, [text('MIT', 'README.md', 0.98)], 'approve', 'license.from-text'],
    [undefined, [text('MIT'), text('MIT', 'LICENSE.md', 0.9)], 'approve', 'license.from-text'],
    [undefined, [text('GPL-3.0-only')], 'review', 'license.review', 'license.from-text'],
    [undefined, [text('MIT', 'LICENSE', 0.97)], 'review', 'license.unknown'],
    [undefined, [text('MIT', 'README.md', 0.5)], 'review', 'license.unknown'],
    [undefined, [text('MIT'), text('ISC', 'COPYING')], 'review', 'license.unknown'],
    [undefined, [text('MIT'), text('GPL-3.0-only', 'README.md', 0.5)], 'review', 'license.unknown'],
    [undefined, [text('LicenseRef-MIT-with-additional-terms')], 'review', 'license.unknown'],
    [undefined, [], 'review', 'license.unknown'],
    ['SEE LICENSE IN LICENSE', [text('MIT')], 'approve', 'license.from-text'],
    ['SEE LICENSE IN ./license', [text('MIT', 'LICENSE.md')], 'approve', 'license.from-text'],
    ['SEE LICENSE IN <LICENSE.txt>', [text('MIT', 'LICENSE.txt')], 'approve', 'license.from-text'],
    ['SEE LICENSE IN EULA.md', [text('MIT')], 'review', 'license.unknown'],
    ['SEE LICENSE IN docs/LICENSE', [text('MIT')], 'review', 'license.unknown'],
    ['SEE LICENSE IN LICENSE and EULA', [text('MIT')], 'review', 'license.unknown'],
    ['UNLICENSED', [text('MIT')], 'review', 'license.proprietary'],
    ['MIT with restrictions', [text('MIT')], 'review', 'license.unknown'],
    ['Custom', [text('MIT')], 'review', 'license.unknown'],
  ])('declared %j with %j', (declared, texts, ...expected) => {
    expect(verdict(declared, texts)).toEqual(expected);
  });

  it('gives a reason that names file and license', () => {
    const { reasons } = judge(evidence(undefined, [text('MIT', 'LICENSE.md')]), policy, now);
    expect(reasons[0]).toMatchObject({
      message: 'No license is declared; LICENSE.md is the text of MIT.',
      data: { file: 'LICENSE.md', expression: 'MIT', score: 1, confidence: 'low' },
    });
    const unknown = judge(evidence(undefined, [text('MIT', 'README.md', 0.5)]), policy, now).reasons[0]!;
    expect(unknown.message).toBe('No license is declared. Found in the archive: MIT in README.md (50 %).');
  });

  it('counts as the policy says, and no surer than a license with low confidence', () => {
    expect(verdict(undefined, [text('MIT')], '{ fromText: review }')[0]).toBe('review');
    expect(verdict(undefined, [text('MIT')], '{ lowConfidence: review }')[0]).toBe('review');
    expect(verdict(undefined, [text('MIT')], '{ deny: [MIT] }')[0]).toBe('reject');
  });

  it('stays unknown without a scan', () => {
    const unscanned = { ...evidence(undefined), scan: null };
    expect(judge(unscanned, policy, now).reasons.map(({ code }) => code)).toContain('license.unknown');
  });
});

describe('the documents of the policy', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const defaults = policySchema.parse({ version: 1, name: 'default' });
  const keys = Object.entries(defaults).flatMap(([key, value]) =>
    typeof value === 'object'
      ? Object.entries(value).map(([name, inner]) => [`${key}.${name}`, inner])
      : [[key, value]],
  ) as [string, unknown][];
  const rows = new Map(
    read('docs/policy.md')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.length === 6 && /^`[a-z]/.test(cells[1]!))
      .map((cells) => [cells[1]!.replaceAll('`', ''), cells[3]!.replaceAll('`', '')]),
  );

  it('has every key, with its default, in docs/policy.md', () => {
    expect([...rows.keys()].toSorted()).toEqual(keys.map(([key]) => key).toSorted());
    const stated = (value: unknown) =>
      value instanceof Object ? Object.values(value).join(', ') || 'none' : String(value);
    for (const [key, value] of keys) {
      if (key === 'version' || key === 'name') expect(rows.get(key)).toBe('required');
      else if (key !== 'license.review') expect([key, rows.get(key)]).toEqual([key, stated(value)]);
    }
  });

  it('has every license to review in docs/policy.md, and no other', () => {
    const section = /### Licenses to review\n([\s\S]*?)\nTwo things/.exec(read('docs/policy.md'))![1]!;
    const list = section.slice(section.indexOf('\n- '));
    const ids = [...list.matchAll(/`([^`]+)`/g)].map(([, id]) => id);
    expect(ids).toEqual(defaults.license.review);
  });

  it('has every key in policies/default.yaml', () => {
    const shipped = read('policies/default.yaml');
    for (const [key] of keys) expect(shipped).toMatch(new RegExp(`^\\s*${key.split('.').at(-1)}:`, 'm'));
  });
});
