import { exampleEvent, testPostgres } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { begin, testDeps } from '../../test/aggregator-kit.ts';
import { onAttemptFailed } from '../assessments/on-attempt-failed.ts';
import { aggregatorMigrations } from '../service.ts';

const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const deps = testDeps(sql, { attemptsMax: 2 });

/** The scanner finds that what was downloaded is lost. */
async function loses(assessmentId: string, purl: string, attempt: number): Promise<void> {
  const event = exampleEvent('pkg.attempt-failed', {
    assessmentId,
    purl,
    lane: 'bulk',
    attempt,
    stage: 'scan',
    code: 'artifact.missing',
    detail: 'It is not in the store.',
    redo: true,
  });
  await onAttemptFailed(deps)([{ event, traceparent: undefined, sequence: 9 }]);
}

async function stateOf(id: string) {
  const [row] = await sql`select state, stage, attempt, license, failure from assessments where id = ${id}`;
  const published = await sql<{ subject: string }[]>`select subject from outbox order by position`;
  return { ...row, published: published.map(({ subject }) => subject) };
}

it('an assessment whose stored bytes are lost goes through the stages again, as often as it may', async () => {
  const purl = 'pkg:npm/lost@1.0.0';
  const id = await begin(sql, purl);
  await loses(id, purl, 1);
  const again = { state: 'running', stage: 'license', attempt: 2, license: null, failure: null };
  expect(await stateOf(id)).toEqual({ ...again, published: ['pkg.requested.bulk'] });
  await loses(id, purl, 1);
  expect(await stateOf(id)).toMatchObject(again);

  await loses(id, purl, 2);
  expect(await stateOf(id)).toMatchObject({
    state: 'failed',
    failure: { stage: 'scan', code: 'artifact.missing' },
    published: ['pkg.requested.bulk', 'pkg.failed.bulk'],
  });
});
