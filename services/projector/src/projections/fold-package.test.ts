import type { EventType } from '@sluice/contracts';
import { exampleEvent } from '@sluice/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProjectedEvent } from '../projected-event.ts';
import { foldPackage, type PackageRow } from './fold-package.ts';

const run = { assessmentId: '5f0c1f0e-6f5b-7d6a-8a54-6d8e8f3a2b10', attempt: 1 };
const other = '0b5c9a3e-2f4d-7a1b-9c8d-1e2f3a4b5c6d';

let position = 0;
function at(type: EventType, data: object = {}): ProjectedEvent {
  position += 1;
  const isDecision = ['pkg.approved', 'pkg.rejected', 'pkg.recalled'].includes(type);
  const event = exampleEvent(type, { ...(isDecision ? {} : run), ...data });
  return { position, sequence: position, traceId: 'trace', event };
}
const reviewed = { default: { verdict: { outcome: 'review' } } };
const fold = (events: ProjectedEvent[], from?: PackageRow) =>
  events.reduce<PackageRow | undefined>((row, event) => foldPackage(row, event), from);

const decided = (state: 'approved' | 'rejected' | 'recalled', sequence: number, scope = 'default') =>
  at(`pkg.${state}`, {
    scope,
    decision: {
      state,
      by: { kind: 'person', name: 'noor' },
      reason: 'r',
      at: '2026-03-01T09:30:00Z',
      until: null,
      sequence,
    },
  });

describe('a package version', () => {
  it('goes through its stages to its verdict', () => {
    const requested = fold([at('pkg.requested')]);
    expect(requested).toMatchObject({
      state: 'running',
      stage: 'license',
      lane: 'interactive',
      traceId: 'trace',
    });
    const licensed = fold([at('pkg.licensed')], requested);
    expect(licensed).toMatchObject({ state: 'running', stage: 'download' });
    const downloaded = fold([at('pkg.downloaded')], licensed);
    expect(downloaded).toMatchObject({ state: 'running', stage: 'scan' });
    const scanned = fold([at('pkg.scanned')], downloaded);
    expect(scanned).toMatchObject({ state: 'running', stage: null });
    expect(fold([at('pkg.assessed')], scanned)).toMatchObject({
      state: 'assessed',
      stage: null,
      standings: { default: { verdict: { outcome: 'review' } } },
      failure: null,
    });
  });

  it('shows the failed try that it waits to repeat, until it goes on', () => {
    const waiting = fold([at('pkg.requested'), at('pkg.licensed'), at('pkg.attempt-failed')]);
    expect(waiting).toMatchObject({ stage: 'download', lastError: { code: 'registry.unavailable' } });
    expect(fold([at('pkg.downloaded')], waiting)).toMatchObject({ stage: 'scan', lastError: null });
  });

  it('has the place in each stage’s queue of the event that set the stage to work', () => {
    const [requested, licensed, stumbled] = [
      at('pkg.requested', { lane: 'bulk' }),
      at('pkg.licensed', { lane: 'bulk' }),
      at('pkg.attempt-failed'),
    ];
    expect(fold([requested])).toMatchObject({ stagePosition: requested.position });
    expect(fold([requested, licensed])).toMatchObject({ stagePosition: licensed.position });
    expect(fold([requested, licensed, stumbled])).toMatchObject({ stagePosition: licensed.position });
    const faster = at('pkg.requested', { lane: 'interactive' });
    expect(fold([requested, faster])).toMatchObject({ stagePosition: faster.position });
    expect(fold([requested, licensed, faster])).toMatchObject({ stagePosition: licensed.position });
    for (const end of ['pkg.assessed', 'pkg.failed', 'pkg.cancelled'] as const)
      expect(fold([requested, stumbled, at(end)])).toMatchObject({ stagePosition: null, lastError: null });
  });

  it('that failed keeps why, and no verdict comes of it', () => {
    const failed = fold([at('pkg.requested'), at('pkg.failed')]);
    expect(failed).toMatchObject({
      state: 'failed',
      failure: { stage: 'license', code: 'registry.version-not-found' },
      standings: {},
    });
  });

  it('that is asked for in the faster lane goes on where it is', () => {
    const row = fold([at('pkg.requested', { lane: 'bulk' }), at('pkg.licensed')]);
    expect(fold([at('pkg.requested', { lane: 'interactive' })], row)).toMatchObject({
      stage: 'download',
      lane: 'interactive',
    });
  });

  it('keeps its last verdict and decision while it is assessed again', () => {
    const before = fold([at('pkg.requested'), at('pkg.assessed'), decided('approved', 1)]);
    const again = fold([at('pkg.requested', { assessmentId: other })], before);
    expect(again).toMatchObject({
      state: 'running',
      assessmentId: other,
      standings: { default: { verdict: { outcome: 'review' }, decision: { state: 'approved' } } },
    });
  });

  it.each([
    ['pkg.requested', 'license'],
    ['pkg.licensed', 'download'],
    ['pkg.downloaded', 'scan'],
  ] as const)('whose stages run again from %s on waits for the stage after it', (type, stage) => {
    const before = fold([
      at('pkg.requested'),
      at('pkg.downloaded'),
      at('pkg.assessed'),
      decided('approved', 1),
    ]);
    const replay = { replayId: other, by: 'mira', reason: 'new rules' };
    const again = fold([at(type, { assessmentId: other, lane: 'bulk', replay })], before);
    expect(again).toMatchObject({
      state: 'running',
      stage,
      assessmentId: other,
      lane: 'bulk',
      standings: { default: { verdict: { outcome: 'review' }, decision: { state: 'approved' } } },
    });
    expect(again!.stagePosition).toBe(again!.position);
    const ended = fold(
      [at('pkg.scanned', { assessmentId: other }), at('pkg.assessed', { assessmentId: other })],
      again,
    );
    expect(ended).toMatchObject({ state: 'assessed', assessmentId: other });
  });

  it('is not known from work in between, if its beginning is unknown', () => {
    for (const type of ['pkg.licensed', 'pkg.scanned', 'pkg.attempt-failed', 'pkg.decision-ended'] as const)
      expect(foldPackage(undefined, at(type))).toBeUndefined();
  });

  it('is known from its end, if its beginning is lost', () => {
    expect(fold([at('pkg.assessed')])).toMatchObject({ state: 'assessed', standings: reviewed });
    expect(fold([at('pkg.failed')])).toMatchObject({ state: 'failed' });
    expect(fold([at('pkg.cancelled')])).toMatchObject({ state: 'cancelled' });
    const later = { assessmentId: '6f0c1f0e-6f5b-7d6a-8a54-6d8e8f3a2b10', attempt: 2 };
    const failed = fold([at('pkg.requested'), at('pkg.assessed'), at('pkg.failed', later)]);
    expect(failed).toMatchObject({ ...later, state: 'failed', standings: reviewed });
  });

  it('is not changed by events about something else', () => {
    const row = fold([at('pkg.requested')]);
    for (const type of ['request.submitted', 'advisories.imported'] as const)
      expect(foldPackage(row, at(type))).toBe(row);
  });
});

describe('stale facts change nothing', () => {
  const stale = [
    ['of an earlier attempt', { attempt: 1 }],
    ['of another assessment', { assessmentId: other, attempt: 2 }],
  ] as const;
  it.each(stale)('%s', (_, data) => {
    const row = fold([at('pkg.requested', { attempt: 2 })]);
    for (const type of [
      'pkg.licensed',
      'pkg.downloaded',
      'pkg.scanned',
      'pkg.attempt-failed',
      'pkg.failed',
      'pkg.assessed',
    ] as const)
      expect(foldPackage(row, at(type, data))).toBe(row);
  });

  it('of a decision that was replaced', () => {
    const row = fold([at('pkg.requested'), at('pkg.assessed'), decided('rejected', 2)]);
    expect(foldPackage(row, decided('approved', 1))).toBe(row);
    expect(foldPackage(row, decided('approved', 2))).toBe(row);
    expect(foldPackage(row, decided('approved', 3))).toMatchObject({
      standings: { default: { decision: { state: 'approved' } } },
    });
  });

  it('after the end', () => {
    const row = fold([at('pkg.requested'), at('pkg.assessed')]);
    for (const type of [
      'pkg.licensed',
      'pkg.downloaded',
      'pkg.scanned',
      'pkg.attempt-failed',
      'pkg.failed',
    ] as const)
      expect(foldPackage(row, at(type))).toBe(row);
  });
});

describe('in two scopes', () => {
  const approve = { ...exampleEvent('pkg.assessed').data.verdict, outcome: 'approve' as const };

  it('a package version has a verdict and a decision of each', () => {
    const row = fold([
      at('pkg.requested'),
      at('pkg.assessed'),
      at('pkg.assessed', { scope: 'team-a', verdict: approve }),
      decided('approved', 1, 'team-a'),
      decided('rejected', 4),
    ]);
    expect(row).toMatchObject({
      state: 'assessed',
      standings: {
        default: { verdict: { outcome: 'review' }, decision: { state: 'rejected', sequence: 4 } },
        'team-a': { verdict: { outcome: 'approve' }, decision: { state: 'approved', sequence: 1 } },
      },
    });
    // The number of a decision counts in its scope alone.
    expect(foldPackage(row, decided('recalled', 2, 'team-a'))).toMatchObject({
      standings: { default: row!.standings['default'], 'team-a': { decision: { state: 'recalled' } } },
    });
  });

  it('a verdict in another scope changes no end of the assessment', () => {
    const row = fold([at('pkg.requested'), at('pkg.assessed')]);
    const later = at('pkg.assessed', { scope: 'team-a', verdict: approve });
    later.event.time = '2030-01-01T00:00:00.000Z';
    expect(foldPackage(row, later)!.endedAt).toBe(row!.endedAt);
  });
});

const order = ['license', 'download', 'scan', null];
const facts = (): ProjectedEvent[] => [
  at('pkg.licensed'),
  at('pkg.downloaded'),
  at('pkg.scanned'),
  at('pkg.assessed'),
  decided('approved', 1),
  decided('recalled', 2),
  at('pkg.assessed', { scope: 'team-a' }),
  decided('approved', 1, 'team-a'),
];
/** What a reader sees; the position and a passing error depend on what came last, the beginning on what came first. */
function seen(row: PackageRow | undefined) {
  const { position: _position, lastError: _lastError, requestedAt: _requestedAt, ...rest } = row!;
  return rest;
}

describe('in any order', () => {
  it('the facts of one assessment end in the same row, also when some come twice', () => {
    const all = [at('pkg.requested'), ...facts()];
    const end = seen(fold(all));
    const shuffled = fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 });
    fc.assert(
      fc.property(shuffled, (events) => {
        expect(seen(fold(events))).toEqual(end);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a run never goes back a stage', () => {
    const type = fc.constantFrom<EventType>(
      'pkg.requested',
      'pkg.licensed',
      'pkg.downloaded',
      'pkg.scanned',
      'pkg.attempt-failed',
    );
    fc.assert(
      fc.property(fc.array(type, { maxLength: 20 }), (types) => {
        let row = fold([at('pkg.requested')])!;
        for (const each of types) {
          const next = foldPackage(row, at(each))!;
          expect(order.indexOf(next.stage)).toBeGreaterThanOrEqual(order.indexOf(row.stage));
          row = next;
        }
      }),
    );
  });
});
