import { describe, expect, test } from 'vitest';
import { findingsOf } from '../test/findings-of.ts';

const tierOf = async (more: object, rule: string) => {
  const manifest = JSON.stringify({ name: 'a', version: '1.0.0', ...more });
  const found = await findingsOf({ 'package.json': manifest });
  return found.find((line) => line.includes(rule))?.split(' ')[0] ?? null;
};

describe('malware.dependency-place', () => {
  test.each<[string, string | null]>([
    ['http://packages.invalid/npm/x', 'review'],
    ['https://x.invalid/x.tgz', 'review'],
    ['git+ssh://git@x.invalid/a/b.git', 'review'],
    ['git://x.invalid/a/b', 'review'],
    ['github:someone/thing', 'review'],
    ['someone/thing#main', 'review'],
    ['gist:11081aaa281', 'review'],
    ['file:../other', 'review'],
    ['link:./x', 'review'],
    ['npm:other@^1.0.0', 'review'],
    ['npm:@scope/other', 'review'],
    ['ftp://x.invalid/a', 'review'],
    ['npm:dep@^1.0.0', null],
    ['^1.0.0', null],
    ['1.x || >=2.5.0 <3', null],
    ['*', null],
    ['latest', null],
    ['', null],
  ])('%s', async (spec, tier) => {
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies']) {
      const name = spec === 'npm:dep@^1.0.0' ? 'dep-cjs' : 'dep';
      const found = await tierOf({ [kind]: { [name]: spec } }, 'dependency-place');
      expect(found === 'note' ? null : found).toBe(tier);
    }
  });

  test('dependencies that are not installed with the package do not count', async () => {
    expect(await tierOf({ devDependencies: { dep: 'github:a/b' } }, 'dependency-place')).toBeNull();
  });
});

describe('malware.system-command', () => {
  test.each<[object, string | null]>([
    [{ bin: { git: 'x.js' } }, 'review'],
    [{ bin: { tool: 'x.js', node: 'y.js' } }, 'review'],
    [{ bin: { SH: 'x.js' } }, 'review'],
    [{ name: '@scope/curl', bin: 'x.js' }, 'review'],
    [{ name: 'npm', bin: { npm: 'x.js', npx: 'y.js' } }, null],
    [{ name: 'which', bin: { which: 'x.js' } }, null],
    [{ name: 'yarn', bin: { npm: 'x.js' } }, 'review'],
    [{ bin: { tool: 'x.js' } }, null],
    [{ bin: 'x.js' }, null],
  ])('%j', async (more, tier) => {
    expect(await tierOf(more, 'system-command')).toBe(tier);
  });
});
