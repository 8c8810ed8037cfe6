import { eventId, uuidV7, type Decision, type Verdict } from '@sluice/contracts';
import type { OutboxMessage } from '@sluice/delivery';
import { expect, it } from 'vitest';
import { assessedFact, decisionEndedFact, decisionFact, judgedAnewFact } from './package-facts.ts';

const purl = 'pkg:npm/a@1.0.0';
const id = uuidV7();
const time = new Date('2026-03-01T09:30:00.000Z');
const about = { id, purl, lane: 'bulk' as const, attempt: 2, traceparent: '' };
const verdict: Verdict = {
  outcome: 'approve',
  reasons: [],
  policyVersion: 'default@1',
  judgedAt: time.toISOString(),
};
const decision: Decision = {
  state: 'approved',
  by: { kind: 'policy', name: 'default' },
  reason: 'nothing found',
  at: time.toISOString(),
  until: null,
  sequence: 3,
};
const decided = (scope: string) => ({
  assessmentId: id,
  purl,
  lane: 'bulk' as const,
  scope,
  traceparent: '',
});

it.each<[name: string, fact: (scope: string) => OutboxMessage, old: [string, string, string]]>([
  ['assessed', (scope: string) => assessedFact(about, scope, verdict, time), [id, 'pkg.assessed', '2']],
  [
    'judged anew',
    (scope: string) => judgedAnewFact(about, scope, verdict, time),
    [id, 'pkg.assessed', `2/${time.toISOString()}`],
  ],
  ['decided', (scope: string) => decisionFact(decided(scope), decision, null), [purl, 'pkg.approved', '3']],
  [
    'ended',
    (scope: string) => decisionEndedFact(decided(scope), decision, time),
    [purl, 'pkg.decision-ended', '3'],
  ],
])('a fact that a package version was %s has its old id in default, and others elsewhere', (_, fact, old) => {
  expect(fact('default').eventId).toBe(eventId(...old));
  const ids = ['default', 'team-a', 'team-b'].map((scope) => fact(scope).eventId);
  expect(new Set(ids).size).toBe(3);
  expect(JSON.parse(fact('team-a').payload)).toMatchObject({ data: { scope: 'team-a' } });
});
