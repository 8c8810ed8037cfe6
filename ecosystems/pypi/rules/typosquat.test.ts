import { describe, expect, it } from 'vitest';
import { popularNames } from './popular-names.ts';
import { imitated } from './typosquat.ts';

describe('names that imitate a popular one', () => {
  it.each([
    ['reqeusts', 'requests'],
    ['request5', 'requests'],
    ['requestss', 'requests'],
    ['urlib3', 'urllib3'],
    ['colourama', 'colorama'],
    ['pandas-py', 'pandas'],
    ['djangoo', 'django'],
    ['dateutil-python', 'python-dateutil'],
    ['beautifulsoup-4', 'beautifulsoup4'],
    ['crytpography', 'cryptography'],
  ])('%s is taken for %s', (name, target) => expect(imitated(name)).toBe(target));

  it.each(['requests', 'pytest-django', 'my-company-tool', 'six', 'sqlalchemy-utils', 'pandas-stubs'])(
    '%s is taken for none',
    (name) => expect(imitated(name)).toBeNull(),
  );

  it('are none of the popular ones themselves', () => {
    expect(popularNames.filter((name) => imitated(name) !== null)).toEqual([]);
    expect(new Set(popularNames).size).toBe(popularNames.length);
  });
});
