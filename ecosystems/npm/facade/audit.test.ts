import type { AdvisoryMatch } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { npmAudit } from './audit.ts';

const match = (over: Partial<AdvisoryMatch> = {}): AdvisoryMatch => ({
  id: 'GHSA-1',
  aliases: ['CVE-2024-1'],
  severity: 'medium',
  score: 5.3,
  summary: 'A hole',
  malicious: false,
  fixedIn: '1.2.0',
  ...over,
});
const affected = (version: string, ...matches: AdvisoryMatch[]) => ({ name: 'a', version, matches });

describe('questions', () => {
  it('name versions, or have the tree of a lockfile', () => {
    expect(npmAudit.read('bulk', { a: ['1.0.0'], '@s/b': ['2.0.0'] })).toEqual([
      { name: 'a', versions: ['1.0.0'] },
      { name: '@s/b', versions: ['2.0.0'] },
    ]);
    const tree = {
      requires: {},
      dependencies: {
        a: { version: '1.0.0', dependencies: { b: { version: '1.0.0' } } },
        b: { version: '2.0.0' },
      },
    };
    const read = npmAudit.read('audit', tree)!.toSorted((x, y) => (x.name < y.name ? -1 : 1));
    expect(read.map(({ name, versions }) => [name, versions.toSorted()])).toEqual([
      ['a', ['1.0.0']],
      ['b', ['1.0.0', '2.0.0']],
    ]);
  });

  it.each([
    ['bulk', null],
    ['bulk', ['a']],
    ['bulk', { a: '1.0.0' }],
    ['audit', { dependencies: { a: 1 } }],
  ])('of the form %s are not %j', (form, body) => expect(npmAudit.read(form, body)).toBeNull());
});

describe('answers', () => {
  it('have each advisory of a package once, in npm’s words', () => {
    expect(npmAudit.render('bulk', [], [affected('1.0.0', match()), affected('1.1.0', match())])).toEqual({
      a: [
        {
          id: 'GHSA-1',
          url: 'https://osv.dev/vulnerability/GHSA-1',
          title: 'A hole',
          severity: 'moderate',
          vulnerable_versions: '<1.2.0',
          cwe: [],
          cvss: { score: 5.3, vectorString: null },
        },
      ],
    });
  });

  it.each([
    [match({ malicious: true, severity: null }), 'critical'],
    [match({ severity: null }), 'moderate'],
    [match({ severity: 'high' }), 'high'],
  ])('have a severity for %j', (one, severity) => {
    expect(npmAudit.render('bulk', [], [affected('1.0.0', one)])).toMatchObject({ a: [{ severity }] });
  });

  it('name the affected versions where no fix is known', () => {
    const found = [affected('1.0.0', match({ fixedIn: null })), affected('1.1.0', match({ fixedIn: null }))];
    expect(npmAudit.render('bulk', [], found)).toMatchObject({
      a: [{ vulnerable_versions: '1.0.0 || 1.1.0' }],
    });
  });

  it('count for older clients', () => {
    const asked = [{ name: 'a', versions: ['1.0.0'] }];
    expect(npmAudit.render('audit', asked, [affected('1.0.0', match())])).toMatchObject({
      advisories: {
        'GHSA-1 a': { module_name: 'a', findings: [{ version: '1.0.0' }], patched_versions: '>=1.2.0' },
      },
      metadata: { vulnerabilities: { moderate: 1, high: 0 }, totalDependencies: 1 },
    });
    expect(npmAudit.render('audit', asked, [])).toMatchObject({
      advisories: {},
      metadata: { totalDependencies: 1 },
    });
  });
});
