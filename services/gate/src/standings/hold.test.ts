import type { Decision, Release } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unknownEntry, withDecision, withEnd, type Entry } from './entry.ts';
import { answerFor, isReleased } from './hold.ts';
import { StandingIndex } from './standing-index.ts';

interface Fact {
  one: Decision['state'] | 'ended';
  sequence: number;
}

const place = { scope: 'default', type: 'npm', name: 'a', version: '1.0.0' };
const release: Release = {
  publishedAt: null,
  metadataDigest: `sha256:${'a'.repeat(64)}`,
  tagsDigest: null,
  gatheredAt: '2024-01-01T00:00:00.000Z',
  files: [],
};
const decision = (state: Decision['state'], sequence: number, until: string | null = null): Decision => ({
  state,
  by: { kind: 'person', name: 'mira' },
  reason: 'r',
  at: '2024-01-01T00:00:00.000Z',
  until,
  sequence,
});
const answer = (entry: Entry, nowMs = 0) => {
  const index = new StandingIndex();
  index.update(place, () => entry);
  const found = answerFor(index, place, nowMs);
  return 'hold' in found ? found.hold.state : 'served';
};
const approved = withDecision(unknownEntry, decision('approved', 1), release);

describe('a version in two spellings', () => {
  const [short, long] = ['1.0', '1.0.0'].map((version) => ({ ...place, type: 'pypi', version })) as [
    typeof place,
    typeof place,
  ];
  it('is refused in both when one of them is', () => {
    const index = new StandingIndex();
    index.update(short, () => approved);
    expect(answerFor(index, short, 0)).toHaveProperty('release');
    index.update(long, () => withDecision(unknownEntry, decision('rejected', 1), null));
    for (const one of [short, long]) {
      expect(answerFor(index, one, 0)).toMatchObject({ hold: { state: 'rejected' } });
      expect(isReleased(index, one, 0)).toBe(false);
    }
    expect(answerFor(index, { ...short, version: '1.0.1' }, 0)).toMatchObject({ hold: { state: 'unknown' } });
    index.update(long, (entry) => withDecision(entry, decision('approved', 2), release));
    for (const one of [short, long]) expect(isReleased(index, one, 0)).toBe(true);
  });
});

describe('a package version', () => {
  it.each<[string, Entry, string]>([
    ['that nobody asked for', unknownEntry, 'unknown'],
    ['that is approved', approved, 'served'],
    ['that is approved without bytes', withDecision(unknownEntry, decision('approved', 1), null), 'no-bytes'],
    ['that was rejected after that', withDecision(approved, decision('rejected', 2), null), 'rejected'],
    ['that was recalled', withDecision(approved, decision('recalled', 2), null), 'recalled'],
    ['whose approval ended', withEnd(approved, 1), 'ended'],
    [
      'whose approval ended, told again of it',
      withDecision(withEnd(approved, 1), decision('approved', 1), release),
      'ended',
    ],
    [
      'that was approved anew',
      withDecision(withEnd(approved, 1), decision('approved', 2), release),
      'served',
    ],
    ['that waits for a person', { ...unknownEntry, verdict: { outcome: 'review', codes: ['a'] } }, 'review'],
    [
      'that has a clean verdict and no decision',
      { ...unknownEntry, verdict: { outcome: 'approve', codes: [] } },
      'undecided',
    ],
  ])('%s is %s', (_, entry, expected) => expect(answer(entry)).toBe(expected));

  it('is served until the very moment at which its approval ends', () => {
    const until = '2024-06-01T00:00:00.000Z';
    const entry = withDecision(unknownEntry, decision('approved', 1, until), release);
    expect([answer(entry, Date.parse(until) - 1), answer(entry, Date.parse(until))]).toEqual([
      'served',
      'ended',
    ]);
  });

  it('is what its newest decision says, in whatever order and however often they come', () => {
    const state = fc.constantFrom('approved', 'rejected', 'recalled', 'ended' as const);
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (states, order) => {
          const events = states.map((one, index) => ({ one, sequence: index + 1 }));
          // An end is about the decision before it, which it follows.
          const facts = events.flatMap<Fact>(({ one, sequence }) =>
            one === 'ended'
              ? [
                  { one: 'approved' as const, sequence },
                  { one, sequence },
                ]
              : [{ one, sequence }],
          );
          const apply = (entry: Entry, { one, sequence }: Fact) =>
            one === 'ended'
              ? withEnd(entry, sequence)
              : withDecision(entry, decision(one, sequence), one === 'approved' ? release : null);
          const inOrder = facts.reduce(apply, unknownEntry);
          const shuffled = facts
            .flatMap((fact) => [fact, fact])
            .toSorted(() => (order.next().value % 2 ? 1 : -1));
          expect(answer(shuffled.reduce(apply, unknownEntry))).toBe(answer(inOrder));
        },
      ),
    );
  });
});
