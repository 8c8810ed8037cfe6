import { exampleEvent } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { testNotifier } from '../../test/notifier-kit.ts';
import { onAdvisoriesImported, tellStale } from './advisory-age.ts';
import { onEvents } from './record-events.ts';
import { tellDecision, tellRecalled, tellRefreshed } from './tell.ts';
import { tellWaiting } from './tell-waiting.ts';

const { deps, clock, handle, create, complete, requestEvent, send, pass, receiver } = await testNotifier();
const [minute, hour] = [60_000, 3_600_000];
const now = <Event extends { time: string }>(event: Event) => ({ ...event, time: clock.now.toISOString() });
const told = (path: string) =>
  receiver.at(path).map(({ body }) => JSON.parse(body) as { type: string; subject: string; data: object });
const decision = (kind: 'person' | 'policy') => ({
  ...exampleEvent('pkg.approved').data.decision,
  by: { kind, name: 'mira' },
});

describe('is told', () => {
  it('each decision of a person, and none of a policy', async () => {
    await create('/decisions', { types: ['decision.made'] });
    const purls = { person: 'pkg:npm/%40s/by-hand@1.0.0', policy: 'pkg:npm/by-policy@1.0.0' };
    for (const kind of ['person', 'policy'] as const) {
      const data = { purl: purls[kind], decision: decision(kind) };
      await handle(onEvents(tellDecision, deps), now(exampleEvent('pkg.approved', data)));
      await handle(onEvents(tellDecision, deps), now(exampleEvent('pkg.rejected', data)));
    }
    await send();
    const expected = {
      type: 'decision.made',
      subject: purls.person,
      data: { by: 'mira', links: { package: '/v1/packages/pkg%3Anpm%2F%2540s%2Fby-hand%401.0.0' } },
    };
    expect(told('/decisions')).toMatchObject([expected, expected]);
  });

  it('a recall and the end of a refresh', async () => {
    await create('/others', { types: ['package.recalled', 'project.refresh.completed'] });
    await handle(onEvents(tellRecalled, deps), now(exampleEvent('pkg.recalled')));
    await handle(onEvents(tellRefreshed, deps), now(exampleEvent('project.refreshed')));
    await send();
    expect(new Set(told('/others').map(({ type }) => type))).toEqual(
      new Set(['package.recalled', 'project.refresh.completed']),
    );
  });

  it('what came to wait within a quarter of an hour, once for each scope', async () => {
    await create('/digest', { types: ['approval.waiting'] });
    pass(hour);
    await tellWaiting(deps);
    await send();
    const before = told('/digest').length;
    const review = (scope: string, count: number) => requestEvent({ scope, counts: { review: count } });
    const first = review('default', 3);
    await complete(first, review('team-a', 1));
    await tellWaiting(deps);
    pass(10 * minute);
    await complete(review('default', 2), requestEvent());
    await tellWaiting(deps);
    await send();
    expect(told('/digest')).toHaveLength(before);
    pass(6 * minute);
    await Promise.all([tellWaiting(deps), tellWaiting(deps)]);
    await tellWaiting(deps);
    await send();
    const digests = told('/digest').slice(before);
    expect(digests.map(({ subject }) => subject).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'default',
      'team-a',
    ]);
    const { data } = digests.find(({ subject }) => subject === 'default')!;
    expect(data).toMatchObject({
      total: 5,
      since: first.time,
      subjects: [first.data.requestId, expect.any(String)],
    });
  });

  it('once that advisories are stale, and again after they were confirmed meanwhile', async () => {
    await create('/stale', { types: ['advisories.stale'] });
    await create('/stale-team', { types: ['advisories.stale'], scope: 'team-a' });
    const imported = (result: 'imported' | 'unchanged' | 'failed', checkedAt = clock.now) =>
      handle(
        onAdvisoriesImported(deps),
        exampleEvent('advisories.imported', { ecosystem: 'npm', result, checkedAt: checkedAt.toISOString() }),
      );
    const old = clock.now;
    await imported('imported');
    pass(47 * hour);
    await imported('failed');
    await tellStale(deps);
    pass(hour);
    await tellStale(deps);
    await tellStale(deps);
    await send();
    expect(told('/stale')).toMatchObject([
      { subject: 'npm', data: { scope: null, checkedAt: old.toISOString() } },
    ]);
    await imported('unchanged');
    await imported('imported', old);
    pass(49 * hour);
    await tellStale(deps);
    await send();
    expect(told('/stale')).toHaveLength(2);
    expect(told('/stale-team')).toEqual([]);
  });
});
