import { describe, expect, it } from 'vitest';
import { canonicalPurl } from './names.ts';
import { pypiNames } from './pypi/names.ts';

describe('canonicalPurl', () => {
  it('keeps the letters of names that are case-sensitive, and not those of others', () => {
    expect(canonicalPurl('pkg:npm/JSONStream@1.0.0')).toBe('pkg:npm/JSONStream@1.0.0');
    for (const name of ['Zope.Interface', 'zope_interface', 'zope-.-interface']) {
      expect(canonicalPurl(`pkg:pypi/${name}@1.0.0`)).toBe('pkg:pypi/zope-interface@1.0.0');
    }
  });

  it('leaves the name of an ecosystem that is not known as it is', () => {
    expect(canonicalPurl('pkg:cargo/Serde_Json@1.0.0')).toBe('pkg:cargo/Serde_Json@1.0.0');
  });
});

it('Python versions are ordered by their own rules', () => {
  const order = ['1.9', '1.10rc1', '1.10', '1.10.post1'];
  expect(order.toReversed().toSorted((a, b) => pypiNames.compareVersions(a, b)!)).toEqual(order);
  expect(pypiNames.compareVersions('1.0', 'no version')).toBeNull();
});
