import { cleanEvidence, cleanRegistry, cleanScan } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { judge, parsePolicy, type Circumstances, type Fix } from './index.ts';
import { stepOf } from './judge-age.ts';

const policyOf = (age: string) => parsePolicy(`version: 1\nname: test\nage: ${age}`);
const now = new Date('2026-01-10T00:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
const purl = 'pkg:npm/%40acme/widget@1.2.3';

const judged = (
  age: string,
  publishedAt: string | null,
  about: Partial<Circumstances> = {},
  registry: Parameters<typeof cleanRegistry>[0] = {},
) =>
  judge(cleanEvidence({ registry: cleanRegistry({ publishedAt, ...registry }) }), policyOf(age), now, {
    purl,
    ...about,
  }).reasons.map(({ code, outcome }) => `${code} ${outcome}`);

describe('the cooldown', () => {
  it.each([
    ['1.2.3', 'patch'],
    ['1.2.0', 'minor'],
    ['1.2', 'minor'],
    ['2.0.0', 'major'],
    ['2.0.0-rc.1', 'major'],
    ['2', 'major'],
    ['1!2.0.1', 'patch'],
    ['nightly', 'major'],
  ])('takes %s for a %s release', (version, step) => {
    expect(stepOf(`pkg:pypi/widget@${version}`)).toBe(step);
  });

  it('holds each kind of release for its own time', () => {
    const tiers = '{ cooldownHours: 10, patchHours: 1, majorHours: 100 }';
    const at = (version: string, hours: number) =>
      judged(tiers, hoursAgo(hours), { purl: `pkg:npm/widget@${version}` });
    expect([at('1.0.1', 2), at('1.1.0', 2), at('1.1.0', 11), at('2.0.0', 99), at('2.0.0', 100)]).toEqual([
      [],
      ['age.cooldown review'],
      [],
      ['age.cooldown review'],
      [],
    ]);
    expect(judged('{ patchHours: 0 }', hoursAgo(1))).toEqual([]);
  });

  it.each([
    ['published', hoursAgo(30), hoursAgo(1), []],
    ['first-seen', hoursAgo(30), hoursAgo(1), ['age.cooldown review']],
    ['first-seen', null, hoursAgo(30), []],
    ['later', hoursAgo(1), hoursAgo(30), ['age.cooldown review']],
    ['later', hoursAgo(30), hoursAgo(1), ['age.cooldown review']],
    ['later', hoursAgo(30), hoursAgo(30), []],
    ['later', null, hoursAgo(30), ['age.unknown review']],
    ['published', null, hoursAgo(30), ['age.unknown review']],
  ])('by the clock %s, published %s and seen %s: %s', (clock, publishedAt, seen, codes) => {
    expect(judged(`{ clock: ${clock} }`, publishedAt, { seenAt: new Date(seen) })).toEqual(codes);
  });

  it('begins now for what was never seen before', () => {
    expect(judged('{ clock: first-seen }', hoursAgo(300))).toEqual(['age.cooldown review']);
  });
});

describe('the freeze', () => {
  const frozen = `{ cooldownHours: 0, freezeAt: "${hoursAgo(10)}", outcome: reject }`;
  it('holds what was published after it, whatever its age, and what may have been', () => {
    expect(judged(frozen, hoursAgo(9))).toEqual(['age.frozen reject']);
    expect(judged(frozen, hoursAgo(10))).toEqual([]);
    expect(judged(frozen, null)).toEqual(['age.unknown reject']);
  });
});

describe('exempt packages', () => {
  it.each([
    ['@acme/*', []],
    ['pkg:npm/@acme/widget', []],
    ['@ACME/*', ['age.cooldown review']],
    ['widget', ['age.cooldown review']],
    ['pkg:pypi/*', ['age.cooldown review']],
  ])('are named letter by letter: %s', (pattern, codes) => {
    expect(judged(`{ exempt: ["${pattern}"] }`, hoursAgo(1))).toEqual(codes);
  });
});

describe('the fix of an advisory in use', () => {
  const fix: Fix = { advisory: 'A-1', severity: 'high', version: '1.2.2' };
  const gained = { since: '1.2.2', publisherBefore: null, dependencies: [] };
  const fixed = (fixes: Fix[], registry: Parameters<typeof cleanRegistry>[0] = {}, age = '{}') =>
    judged(age, hoursAgo(1), { fixes }, { gained, ...registry });

  it('does not wait, and says whose fix it is', () => {
    expect(fixed([fix])).toEqual(['age.fix-exempt approve']);
    expect(fixed([fix], {}, `{ freezeAt: "${hoursAgo(10)}" }`)).toEqual(['age.fix-exempt approve']);
  });

  it.each<[string, Fix[], Parameters<typeof cleanRegistry>[0]]>([
    ['a milder advisory', [{ ...fix, severity: 'medium' }], {}],
    ['an advisory without a severity', [{ ...fix, severity: null }], {}],
    [
      'a hook that the version before had not',
      [fix],
      { runsAtInstall: ['postinstall'], previousRanAtInstall: false },
    ],
    ['a hook, and nothing known of the version before', [fix], { runsAtInstall: ['postinstall'] }],
    ['another publisher', [fix], { gained: { ...gained, publisherBefore: 'alex' } }],
    ['an unknown version before', [fix], { gained: null }],
  ])('waits all the same with %s', (_, fixes, registry) => {
    expect(fixed(fixes, registry)[0]).toBe('age.cooldown review');
  });

  it('waits all the same with a finding, and where the policy exempts no fix', () => {
    const finding = {
      rule: 'r',
      severity: 'low',
      tier: 'review',
      title: 't',
      file: null,
      line: null,
      excerpt: null,
    } as const;
    const evidence = cleanEvidence({
      registry: cleanRegistry({ publishedAt: hoursAgo(1), gained }),
      scan: cleanScan({ findings: [finding], findingsTotal: 1 }),
    });
    const { reasons } = judge(evidence, policyOf('{}'), now, { purl, fixes: [fix] });
    expect(reasons.map(({ code }) => code)).toContain('age.cooldown');
    expect(fixed([fix], {}, '{ fixSeverity: off }')).toEqual(['age.cooldown review']);
  });

  it('keeps a hook that the version before had as well', () => {
    const hooked = { runsAtInstall: ['postinstall'], previousRanAtInstall: true };
    expect(fixed([fix], hooked)).toContain('age.fix-exempt approve');
  });
});
