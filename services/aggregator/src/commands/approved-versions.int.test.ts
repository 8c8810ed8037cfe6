import { testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { aggregatorMigrations } from '../service.ts';
import { begin, bringEvidence, testDeps, type Findings } from '../../test/aggregator-kit.ts';
import { approvedVersions } from './approved-versions.ts';
import { decidePackage } from './decide.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const clock = { now: new Date('2026-03-01T12:00:00Z') };
const deps = testDeps(sql, { now: () => clock.now });
const copyleft: Findings = { license: { expression: 'GPL-3.0-only', declared: 'GPL-3.0' } };

async function assess(purl: string, findings: Findings = {}): Promise<void> {
  await bringEvidence(deps, purl, await begin(sql, purl), findings);
}

it('answers what an approval holds for now, by the names that were asked for', async () => {
  await assess('pkg:npm/%40acme/widget@1.0.0');
  await assess('pkg:npm/%40acme/widget@1.1.0');
  await assess('pkg:npm/%40acme/widget@2.0.0', copyleft);
  await assess('pkg:pypi/zope-interface@5.0');
  await assess('pkg:npm/other@1.0.0');
  const until = '2026-03-02T00:00:00Z';
  const wish = { scope: 'default', by: 'mira', reason: 'ok', until, assessmentId: null };
  await decidePackage('approved', { ...wish, purl: 'pkg:npm/%40acme/widget@2.0.0' }, deps);
  const ask = async () =>
    (
      await approvedVersions(
        {
          scope: 'default',
          packages: ['pkg:npm/@acme/widget', 'pkg:pypi/Zope.Interface', 'pkg:npm/unknown'],
        },
        deps,
      )
    ).packages;
  const python = { package: 'pkg:pypi/Zope.Interface', versions: ['5.0'] };
  expect(await ask()).toEqual([
    { package: 'pkg:npm/@acme/widget', versions: ['1.0.0', '1.1.0', '2.0.0'] },
    python,
  ]);
  clock.now = new Date(until);
  expect(await ask()).toEqual([{ package: 'pkg:npm/@acme/widget', versions: ['1.0.0', '1.1.0'] }, python]);
});

it('refuses a scope that there is not, and text that is no purl', async () => {
  const ask = (scope: string, name: string) => approvedVersions({ scope, packages: [name] }, deps);
  await expect(ask('nowhere', 'pkg:npm/a')).rejects.toMatchObject({ code: 'scope.unknown' });
  await expect(ask('default', 'lodash')).rejects.toMatchObject({ code: 'purl.invalid' });
});
