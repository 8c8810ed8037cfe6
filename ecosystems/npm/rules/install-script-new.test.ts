import { expect, test } from 'vitest';
import { manifest, registry } from '../test/builders.ts';
import { installScriptNew } from './install-script-new.ts';

const fires = (previous: boolean | null, scripts: Record<string, string> | null, stated: string[] = []) =>
  [
    ...installScriptNew.check({
      name: 'a',
      version: '1.0.0',
      registry: registry({ previousRanAtInstall: previous, runsAtInstall: stated }),
      file: { file: 'a.tgz', kind: 'tarball', platform: null },
      archived: scripts && manifest({ scripts }),
      registered: null,
    }),
  ].length > 0;

test('a script that the version before did not have', () => {
  expect(fires(false, { postinstall: 'node x' })).toBe(true);
  // Not stated to the registry, which makes it worse; and not readable from the archive.
  expect(fires(false, { preinstall: 'node x' }, [])).toBe(true);
  expect(fires(false, null, ['install'])).toBe(true);
});

test('nothing new, nothing known of before, or nothing that runs at install', () => {
  expect(fires(true, { postinstall: 'node x' })).toBe(false);
  expect(fires(null, { postinstall: 'node x' })).toBe(false);
  expect(fires(false, { test: 'node x' })).toBe(false);
});
