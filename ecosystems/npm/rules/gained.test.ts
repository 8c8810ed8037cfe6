import { expect, test } from 'vitest';
import { registry } from '../test/builders.ts';
import { gainedDependency } from './gained-dependency.ts';
import { publisherNew } from './publisher-new.ts';

const view = (
  publishedAt: string | null,
  dependency: [string, string | null] | null,
  before: string | null = null,
) => ({
  name: 'a',
  version: '1.0.1',
  registry: registry({
    publishedAt,
    publisher: 'mira',
    gained: {
      since: '1.0.0',
      publisherBefore: before,
      dependencies: dependency ? [{ name: dependency[0], firstSeenAt: dependency[1] }] : [],
    },
  }),
  file: { file: 'a.tgz', kind: 'tarball', platform: null },
  archived: null,
  registered: null,
});

test.each<[string, string | null, [string, string | null] | null, boolean]>([
  ['of yesterday', '2026-05-02T00:00:00Z', ['plain-thing', '2026-05-01T00:00:00Z'], true],
  ['published after it', '2026-05-02T00:00:00Z', ['plain-thing', '2026-05-03T00:00:00Z'], true],
  ['of an unknown time', '2026-05-02T00:00:00Z', ['plain-thing', null], true],
  ['where its own time is unknown', null, ['plain-thing', '2020-01-01T00:00:00Z'], true],
  ['of last year', '2026-05-02T00:00:00Z', ['plain-thing', '2025-05-01T00:00:00Z'], false],
  ['that is popular', '2026-05-02T00:00:00Z', ['lodash', null], false],
  ['none', '2026-05-02T00:00:00Z', null, false],
])('a gained dependency %s', (_, publishedAt, dependency, expected) => {
  expect([...gainedDependency.check(view(publishedAt, dependency))].length > 0).toBe(expected);
});

test('another publisher is named, the same one and an unknown one are not', () => {
  const [hit] = publisherNew.check(view(null, null, 'otto'));
  expect(hit?.title).toBe('Published by mira, the version before by otto');
  expect([...publisherNew.check(view(null, null))]).toEqual([]);
});
