import type { Listing } from '@sluice/facades';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { npmFacade } from './index.ts';

const require = createRequire(import.meta.url);
/** npm's own choice of a version. */
const pickManifest = require('npm-pick-manifest') as (
  packument: object,
  wanted: string,
) => { version: string };

const version = (text: string, manifest: object = {}) => ({
  version: text,
  publishedAt: '2024-01-01T00:00:00.000Z',
  manifest: {
    name: '@s/a',
    version: text,
    dist: { tarball: 'https://registry.example/x.tgz', integrity: 'sha512-x', signatures: [{ keyid: 'k' }] },
    ...manifest,
  },
  files: [],
});
const listing = (over: Partial<Listing> = {}): Listing => ({
  name: '@s/a',
  baseUrl: 'https://gate.example/npm',
  versions: [version('1.0.0'), version('1.1.0')],
  held: [],
  tags: { latest: '1.1.0' },
  modifiedAt: '2024-02-01T00:00:00.000Z',
  ...over,
});
interface Packument {
  'dist-tags': Record<string, string>;
  versions: Record<string, Record<string, unknown>>;
  time: Record<string, string>;
}
const build = (form: string, of: Listing, wanted: string | null = null) => {
  const document = npmFacade.document(form, of, wanted);
  return document === null ? null : (JSON.parse(document.body) as Packument);
};

describe('packument', () => {
  it('has the registry’s manifest whole, but for the address of the archive', () => {
    const packument = build(
      'full',
      listing({ versions: [version('1.0.0', { os: ['linux'], _custom: 1 })] }),
    )!;
    expect(packument.versions['1.0.0']).toEqual({
      name: '@s/a',
      version: '1.0.0',
      os: ['linux'],
      _custom: 1,
      dist: {
        tarball: 'https://gate.example/npm/@s/a/-/a-1.0.0.tgz',
        integrity: 'sha512-x',
        signatures: [{ keyid: 'k' }],
      },
    });
    expect(packument.time).toMatchObject({
      '1.0.0': '2024-01-01T00:00:00.000Z',
      modified: '2024-02-01T00:00:00.000Z',
    });
  });

  it('is short for installers, and says what runs at install', () => {
    const scripts = { postinstall: 'node x', test: 'x' };
    const packument = build(
      'abbreviated',
      listing({ versions: [version('1.0.0', { scripts, readme: 'x' })] }),
    )!;
    expect(packument.versions['1.0.0']).toMatchObject({ hasInstallScript: true });
    expect(packument.versions['1.0.0']).not.toHaveProperty('readme');
    expect(packument.versions['1.0.0']).not.toHaveProperty('scripts');
  });

  it('is not there when nothing is approved', () => {
    expect(build('full', listing({ versions: [] }))).toBeNull();
    expect(build('tags', listing({ versions: [] }))).toBeNull();
  });

  it('has no time for a version whose time is not known', () => {
    const unknown = { ...version('1.0.0'), publishedAt: null };
    expect(build('full', listing({ versions: [unknown] }))!.time).toEqual({
      modified: '2024-02-01T00:00:00.000Z',
    });
  });
});

describe('tags', () => {
  it.each([
    [{ latest: '1.2.0' }, ['1.0.0', '1.1.0'], { latest: '1.1.0' }],
    [{ latest: '5.2.1', v4: '4.9.0' }, ['4.8.0', '5.1.0'], { latest: '5.1.0', v4: '4.8.0' }],
    [
      { latest: '2.0.0', next: '3.0.0-rc.1' },
      ['1.0.0', '3.0.0-beta.1'],
      { latest: '1.0.0', next: '3.0.0-beta.1' },
    ],
    [{ latest: '1.0.0' }, ['2.0.0'], {}],
    [{}, ['1.0.0', '1.1.0-rc.1'], { latest: '1.0.0' }],
  ])('%j with %j approved become %j', (tags, approved, expected) => {
    const versions = approved.map((one) => version(one));
    expect(build('tags', listing({ versions, tags }))).toEqual(expected);
  });

  it('a version can be asked for by its tag', () => {
    const of = listing({ tags: { latest: '1.2.0' } });
    expect(build('version', of, 'latest')).toMatchObject({ version: '1.1.0' });
    expect(build('version', of, '1.0.0')).toMatchObject({ version: '1.0.0' });
    expect(build('version', of, '1.2.0')).toBeNull();
    expect(build('version', of, '__proto__')).toBeNull();
  });
});

describe('held versions', () => {
  const held = [{ version: '1.2.0', message: 'waits for a review (advisory.high)', files: [] }];

  it('npm takes an approved one of a range', () => {
    const packument = build('full', listing({ held, tags: { latest: '1.2.0' } }))!;
    expect(pickManifest(packument, '^1.0.0').version).toBe('1.1.0');
    expect(pickManifest(packument, 'latest').version).toBe('1.1.0');
  });

  it('npm says why a pinned one is refused', () => {
    const packument = build('full', listing({ held }))!;
    expect(() => pickManifest(packument, '1.2.0')).toThrow(/policy violations[\s\S]*advisory\.high/);
  });
});
