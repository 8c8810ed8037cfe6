import type { CompareVersions } from '@sluice/contracts';
import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import type { AdvisoryRecord, RangeEvent } from './advisory-record.ts';
import { firstFixed, isAffected, isInRange } from './is-affected.ts';

const semantic: CompareVersions = (a, b) =>
  semver.valid(a) && semver.valid(b) ? semver.compare(a, b) : null;

function record(more: Partial<AdvisoryRecord>): AdvisoryRecord {
  return {
    id: 'X-1',
    modified: '',
    withdrawn: false,
    aliases: [],
    summary: '',
    vectors: [],
    rating: null,
    ranges: [],
    versions: [],
    ...more,
  };
}
const affects = (events: RangeEvent[], version: string, compare: CompareVersions = semantic) =>
  isInRange({ events }, version, compare);

describe('SEMVER ranges', () => {
  test.each<[RangeEvent[], string, boolean]>([
    [[{ introduced: '0' }, { fixed: '1.0.0' }], '0.9.9', true],
    [[{ introduced: '0' }, { fixed: '1.0.0' }], '1.0.0', false],
    [[{ introduced: '0' }, { fixed: '1.0.0' }], '1.0.0-rc.1', true],
    [[{ introduced: '0' }, { fixed: '1.0.0' }], '0.0.0-alpha', true],
    [[{ introduced: '1.0.0' }, { fixed: '2.0.0' }], '1.0.0-rc.1', false],
    [[{ introduced: '1.0.0' }, { last_affected: '1.5.0' }], '1.5.0', true],
    [[{ introduced: '1.0.0' }, { last_affected: '1.5.0' }], '1.5.1', false],
    [[{ introduced: '0' }], '99.0.0', true],
    [[{ fixed: '2.0.0' }, { introduced: '1.0.0' }], '1.5.0', true],
    [[{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }], '1.5.0', false],
    [[{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }], '2.0.5', true],
    [[{ introduced: '0' }, { limit: '1.0.0' }], '1.0.0', false],
    [[{ introduced: '0' }, { limit: '1.0.0' }], '0.5.0', true],
    [[{ introduced: '0' }, { limit: '*' }], '5.0.0', true],
    [[{ introduced: '1.0.0+build' }], '1.0.0', true],
    [[{ introduced: '0' }, { fixed: 'junk!' }], '9.0.0', true],
    [[{ introduced: '0' }], 'no version', false],
  ])('%j holds for %s: %s', (events, version, expected) => {
    expect(affects(events, version)).toBe(expected);
  });

  const version = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', '-a', '-b.1'))
    .map(([major, minor, suffix]) => `${major}.${minor}.0${suffix}`);
  // Pairs of what opens and closes an affected stretch, as records have them.
  const stretch = fc
    .tuple(fc.oneof(fc.constant('0'), version), version, fc.constantFrom('fixed', 'last_affected'))
    .filter(([from, to]) => from === '0' || semver.lte(from, to));

  test('agree with intervals that are written out one by one', () => {
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 4 }), version, (stretches, asked) => {
        // The model knows nothing of sorting: one range per stretch, each an interval.
        const expected = stretches.some(([from, to, kind]) => {
          const starts = from === '0' || semver.gte(asked, from);
          return starts && (kind === 'fixed' ? semver.lt(asked, to) : semver.lte(asked, to));
        });
        const ranges = stretches.map(([from, to, kind]) => ({
          events: [{ introduced: from }, kind === 'fixed' ? { fixed: to } : { last_affected: to }],
        }));
        expect(isAffected(record({ ranges }), asked, semantic)).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('do not depend on the order of events at different versions', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(version, { minLength: 2, maxLength: 6, comparator: (a, b) => semver.eq(a, b) }),
        version,
        fc.func(fc.integer()),
        (versions, asked, shuffle) => {
          const sorted = versions.toSorted(semver.compare);
          const events: RangeEvent[] = sorted.map((at, i) =>
            i % 2 === 0 ? { introduced: at } : { fixed: at },
          );
          const shuffled = events.toSorted((a, b) => shuffle(a) - shuffle(b));
          // Brute force: the last event at or below the version decides.
          const last = sorted.findLastIndex((at) => semver.gte(asked, at));
          expect(affects(shuffled, asked)).toBe(last >= 0 && last % 2 === 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('listed versions count beside ranges, several ranges together, and withdrawn records not at all', () => {
  const both = record({
    versions: ['3.0.0'],
    ranges: [{ events: [{ introduced: '1.0.0' }, { fixed: '1.1.0' }] }],
  });
  expect(['1.0.5', '2.0.0', '3.0.0'].map((version) => isAffected(both, version, semantic))).toEqual([
    true,
    false,
    true,
  ]);
  expect(isAffected({ ...both, withdrawn: true }, '3.0.0', semantic)).toBe(false);
});

test('the first fixed version is the smallest above that is not affected by another range', () => {
  const twoLines = record({
    ranges: [
      { events: [{ introduced: '0' }, { fixed: '1.2.0' }] },
      { events: [{ introduced: '1.1.0' }, { fixed: '1.3.0' }] },
      { events: [{ introduced: '2.0.0' }, { fixed: '2.1.0' }] },
    ],
  });
  expect(firstFixed(twoLines, '1.0.0', semantic)).toBe('1.3.0');
  expect(firstFixed(twoLines, '2.0.0', semantic)).toBe('2.1.0');
  expect(firstFixed(record({ ranges: [{ events: [{ introduced: '0' }] }] }), '1.0.0', semantic)).toBeNull();
});
