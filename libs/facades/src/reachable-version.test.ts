import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reachableVersion } from './reachable-version.ts';

/** Versions `1.2` and `1.2-3`, of which the latter come before. */
const parse = (text: string) =>
  /^(\d+)\.(\d+)(?:-(\d+))?$/
    .exec(text)!
    .slice(1)
    .map((part) => Number(part ?? NaN));
const order = {
  compare(a: string, b: string) {
    const [left, right] = [parse(a), parse(b)];
    for (const index of [0, 1]) if (left[index] !== right[index]) return left[index]! - right[index]!;
    const [of, than] = [left[2] || Infinity, right[2] || Infinity];
    return of === than ? 0 : of - than;
  },
  majorOf: (version: string) => parse(version)[0]!,
  isPrerelease: (version: string) => version.includes('-'),
};

it.each([
  ['the target, when it is approved', ['1.0', '1.1'], '1.1', '1.1'],
  ['the highest below it in its major', ['1.0', '1.1', '2.0'], '1.9', '1.1'],
  ['the highest stable one below it, when its major has none', ['0.9', '1.1', '3.0'], '2.0', '1.1'],
  ['none above it', ['1.1'], '1.0', null],
  ['no pre-release for a stable one', ['1.1-1', '1.0'], '1.2', '1.0'],
  ['no pre-release of an earlier major for a pre-release', ['1.1-1'], '2.0-1', null],
  ['a pre-release for a pre-release', ['1.1-1', '1.0'], '1.1-2', '1.1-1'],
])('%s stands for a tag', (_, approved, wanted, expected) => {
  expect(reachableVersion(approved, wanted, order)).toBe(expected);
});

it('what stands for a tag is approved, never above it, and never a pre-release for a stable one', () => {
  const version = fc
    .tuple(fc.nat(4), fc.nat(4), fc.option(fc.integer({ min: 1, max: 3 })))
    .map(([major, minor, pre]) => `${major}.${minor}${pre === null ? '' : `-${pre}`}`);
  fc.assert(
    fc.property(fc.uniqueArray(version), version, (approved, wanted) => {
      const found = reachableVersion(approved, wanted, order);
      if (found === null) {
        const isBetter = (one: string) =>
          order.compare(one, wanted) <= 0 &&
          (!order.isPrerelease(one) ||
            one === wanted ||
            (order.isPrerelease(wanted) && order.majorOf(one) === order.majorOf(wanted)));
        expect(approved.filter(isBetter)).toEqual([]);
        return;
      }
      expect(approved).toContain(found);
      expect(order.compare(found, wanted)).toBeLessThanOrEqual(0);
      if (!order.isPrerelease(wanted)) expect(order.isPrerelease(found)).toBe(false);
    }),
  );
});
