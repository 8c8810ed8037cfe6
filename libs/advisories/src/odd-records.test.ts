import semver from 'semver';
import type { CompareVersions, Names } from '@sluice/contracts';
import { describe, expect, test } from 'vitest';
import { readOsvRecord } from './advisory-record.ts';
import { isAffected } from './is-affected.ts';
import { matchRecords } from './match-records.ts';

/** npm's order, which reads texts that are nearly versions. */
const compare: CompareVersions = (a, b) => {
  const [left, right] = [a, b].map((text) => semver.parse(text, { loose: true }) ?? semver.coerce(text));
  return left && right ? left.compare(right) : null;
};
const npm = { osvName: 'npm', canonicalName: (name: string) => name } as Names;

function recordOf(affected: object, more: object = {}) {
  const entry = { package: { ecosystem: 'npm', name: 'a' }, ...affected };
  const rows = readOsvRecord({ id: 'X-1', modified: '2026-01-01T00:00:00Z', affected: [entry], ...more }, [
    npm,
  ]);
  return rows![0]!.record;
}
const ranges = (...events: unknown[]) => ({ ranges: [{ type: 'SEMVER', events }] });
const good = { introduced: '1.0.0' };

describe('a part that cannot be read loses only that part', () => {
  test.each<[string, object, object, string, boolean]>([
    ['an event of an unknown kind', ranges(good, { fixed: '2.0.0' }, { reverted: '3' }), {}, '1.5.0', true],
    [
      'an event with one more key',
      ranges({ ...good, by: 'x' }, { fixed: '2.0.0', when: 1 }),
      {},
      '2.5.0',
      false,
    ],
    ['an event that is no object', ranges(good, 'x', null, 7), {}, '1.5.0', true],
    ['a fix that is no text', ranges(good, { fixed: 2 }), {}, '9.0.0', true],
    ['an opening that is no text', ranges({ introduced: 1 }, { fixed: '2.0.0' }), {}, '0.5.0', true],
    ['no opening', ranges({ fixed: '2.0.0' }), {}, '1.0.0', true],
    [
      'a range of an unknown type beside one',
      { ranges: [{ type: 'HASH', events: [{ from: 'a' }] }, ...ranges(good).ranges] },
      {},
      '0.5.0',
      false,
    ],
    [
      'a range of an unknown type alone',
      { ranges: [{ type: 'HASH', events: [{ from: 'a' }] }] },
      {},
      '0.5.0',
      true,
    ],
    ['a range of commits alone', { ranges: [{ type: 'GIT', events: [good] }] }, {}, '1.5.0', false],
    ['a range without events', { ranges: [{ type: 'SEMVER' }] }, {}, '1.5.0', true],
    ['a version that is no text', { versions: [1, '1.5.0'] }, {}, '1.5.0', true],
    ['aliases that are no list', ranges(good), { aliases: 'CVE-1' }, '1.5.0', true],
    ['an alias that is no text', ranges(good), { aliases: [null, 'CVE-1'] }, '1.5.0', true],
    ['a severity of another form', ranges(good), { severity: { type: 'X' } }, '1.5.0', true],
    ['a time of another form', ranges(good), { modified: 5, withdrawn: 7 }, '1.5.0', true],
  ])('%s', (_, affected, more, version, expected) => {
    expect(isAffected(recordOf(affected, more), version, compare)).toBe(expected);
  });

  test('an entry that cannot be read does not lose the others', () => {
    const affected = [
      7,
      { package: { name: 'b' } },
      { package: { ecosystem: 'npm', name: 'a' }, ...ranges(good) },
    ];
    const rows = readOsvRecord({ id: 'X-1', affected }, [npm]);
    expect(rows?.map((row) => row.package)).toEqual(['a']);
  });
});

describe('wildcards and odd versions widen', () => {
  test.each<[object[], string, boolean]>([
    [[{ introduced: '2.0.x' }, { last_affected: '2.0.x' }], '2.0.5', true],
    [[{ introduced: '2.0.x' }, { last_affected: '2.0.x' }], '2.0.0-rc.1', true],
    [[{ introduced: '2.0.x' }, { last_affected: '2.0.x' }], '2.1.0', false],
    [[{ introduced: '2.0.x' }, { last_affected: '2.0.x' }], '1.9.9', false],
    [[{ introduced: '2.x' }, { last_affected: '3.X.X' }], '3.9.1', true],
    [[{ introduced: '2.*' }, { fixed: '3.*' }], '3.5.0', true],
    [[{ introduced: '2.*' }, { fixed: '3.*' }], '4.0.0', false],
    [[{ introduced: '*' }, { last_affected: '*' }], '0.0.1', true],
    [[{ introduced: 'x' }], '7.0.0', true],
    [[{ introduced: '0' }, { limit: '2.x' }], '2.5.0', true],
    [[{ introduced: '0' }, { limit: '2.x' }], '3.0.0', false],
    [[{ introduced: '1.3.0-*' }, { fixed: '1.3.2' }], '1.3.0-beta.1', true],
    [[{ introduced: '0' }, { fixed: '0.9.7.1' }], '0.9.7', true],
    [[{ introduced: '0' }, { fixed: '0.9.7.1' }], '0.9.8', false],
    [[{ introduced: '0' }, { fixed: '0.9.7.0' }], '0.9.7', false],
    [[{ introduced: '0' }, { fixed: '~' }], '9.0.0', true],
    [[{ introduced: '0', fixed: '2.0.0' }], '3.0.0', false],
    [[{ introduced: '0', fixed: '2.0.0' }], '1.0.0', true],
    [
      [
        { introduced: '3.0.0', last_affected: '3.1.0' },
        { introduced: '0', fixed: '2.0.0' },
      ],
      '2.5.0',
      false,
    ],
    [
      [
        { introduced: '3.0.0', last_affected: '3.1.0' },
        { introduced: '0', fixed: '2.0.0' },
      ],
      '3.1.0',
      true,
    ],
  ])('%j holds for %s: %s', (events, version, expected) => {
    expect(isAffected(recordOf(ranges(...events)), version, compare)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['2.0.x', '2.0.9', true],
    ['2.0.x', '2.1.0', false],
    ['*', '0.1.0', true],
  ])('a list with %s holds for %s: %s', (listed, version, expected) => {
    expect(isAffected(recordOf({ versions: [listed] }), version, compare)).toBe(expected);
  });
});

describe('records of one flaw', () => {
  const record = (id: string, aliases: string[], fixed: string, severity?: string) => ({
    ...recordOf(ranges({ introduced: '0' }, { fixed }), { aliases, database_specific: { severity } }),
    id,
  });

  test('are one line with all ids, the highest severity and the version that has every fix', () => {
    const records = [
      record('GHSA-1', ['CVE-1'], '1.2.0', 'moderate'),
      record('CVE-1', ['GHSA-1'], '1.3.0', 'high'),
      record('NSWG-1', ['CVE-1', 'OTHER'], '1.2.0'),
      record('GHSA-2', ['CVE-2'], '2.0.0', 'low'),
    ];
    const lines = matchRecords(records, '1.0.0', compare);
    expect(
      lines.map(({ id, aliases, severity, fixedIn }) => [id, aliases.toSorted(), severity, fixedIn]),
    ).toEqual([
      ['CVE-1', ['GHSA-1', 'NSWG-1', 'OTHER'], 'high', '1.3.0'],
      ['GHSA-2', ['CVE-2'], 'low', '2.0.0'],
    ]);
  });

  test('are malicious where one of them says so', () => {
    const records = [record('GHSA-1', ['MAL-1'], '9.0.0', 'critical'), record('MAL-1', [], '9.0.0')];
    expect(matchRecords(records, '1.0.0', compare)).toMatchObject([
      { malicious: true, severity: 'critical' },
    ]);
  });
});
