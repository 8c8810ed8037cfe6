import type { Item, RequestDetail } from '@sluice/api';
import type { ShownDecision } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { aDecision, anItem, aReason, aRequest } from '../../test/answers.ts';
import { progressText } from './progress.ts';
import { attentionRows, needsAttention, renderSummary, renderTable } from './result.ts';

const request = (fields: Partial<RequestDetail> = {}) =>
  aRequest({
    itemCount: 4,
    entryCount: 5,
    endedItems: 4,
    completedAt: '2026-03-01T09:30:02.500Z',
    ...fields,
  });
const person = (state: ShownDecision['state']) => aDecision({ state, by: { kind: 'person', name: 'noor' } });
const missing = aReason('advisories.missing', 'review');

describe('needsAttention', () => {
  it.each<[string, boolean, Partial<Item>]>([
    ['approved', false, {}],
    ['to review', true, { outcome: 'review', decision: null }],
    ['rejected', true, { outcome: 'reject', decision: null }],
    ['failed', true, { outcome: 'failed', decision: null }],
    ['cancelled', true, { outcome: 'cancelled', decision: null }],
    ['not ended', true, { outcome: null }],
    ['fine by the verdict, and left to a person', true, { decision: null }],
    ['approved until a time that has come', true, { decision: person('ended') }],
    [
      'approved by a person, from an address that nothing ties to it',
      true,
      { outcome: 'review', decision: person('approved'), ownReasons: [aReason('source.unpinned', 'review')] },
    ],
    ['to review and approved by a person', false, { outcome: 'review', decision: person('approved') }],
    ['approved by policy and rejected by a person', true, { decision: person('rejected') }],
    [
      'approved by a person, with other bytes in this lockfile',
      true,
      {
        outcome: 'reject',
        decision: person('approved'),
        ownReasons: [{ code: 'integrity.mismatch', message: 'm' }],
      },
    ],
    ['recalled', true, { outcome: 'review', decision: person('recalled') }],
    [
      'for other platforms',
      false,
      { outcome: 'unassessable', decision: null, unassessable: { code: 'source.platform', message: 'm' } },
    ],
    ['from git', true, { outcome: 'unassessable', unassessable: { code: 'source.git', message: 'm' } }],
    [
      'the project itself',
      false,
      { outcome: 'unassessable', unassessable: { code: 'source.workspace', message: 'm' } },
    ],
  ])('an item that is %s: %s', (_, expected, fields) => {
    expect(needsAttention(anItem(fields))).toBe(expected);
  });
});

describe('attentionRows', () => {
  it('has the worst first, then by name, and nothing that is well', () => {
    const rows = attentionRows([
      anItem({ name: 'fine' }),
      anItem({ name: 'z', outcome: 'review', reasons: [aReason('age.cooldown', 'review')] }),
      anItem({ name: 'b', outcome: 'reject', reasons: [aReason('malware.known', 'reject')] }),
      anItem({
        name: 'a',
        outcome: 'review',
        reasons: [aReason('license.unknown', 'review'), aReason('fine', 'approve')],
      }),
      anItem({
        name: 'f',
        outcome: 'failed',
        failure: { stage: 'license', code: 'registry.version-not-found', detail: 'gone' },
      }),
    ]);
    expect(rows.map(({ subject }) => subject)).toEqual(['b@1.0.0', 'f@1.0.0', 'a@1.0.0', 'z@1.0.0']);
    expect(rows[2]!.why).toEqual(['license.unknown  says license.unknown']);
    expect(rows[1]!.why).toEqual(['registry.version-not-found  gone']);
  });

  it('says who decided', () => {
    const [row] = attentionRows([anItem({ decision: person('rejected') })]);
    expect(row!.why).toEqual(['decision.rejected  by noor: looked at it']);
  });

  it('leaves out items that only missing advisories keep back, and items that have not ended', () => {
    expect(
      attentionRows([anItem({ outcome: 'review', reasons: [missing] }), anItem({ outcome: null })]),
    ).toEqual([]);
  });

  it('shows items that ended for no reason that is known', () => {
    expect(attentionRows([anItem({ outcome: 'cancelled' })])).toMatchObject([
      { outcome: 'cancelled', why: [] },
    ]);
  });
});

describe('renderTable', () => {
  it('has a package a row, and each further reason on a line below the first', () => {
    const text = renderTable([{ subject: 'a@1.0.0', outcome: 'review', why: ['one', 'two'] }], 200);
    const [first, second] = text.split('\n');
    expect(first).toContain('a@1.0.0');
    expect(second).toMatch(/^ +two$/);
    expect(second!.indexOf('two')).toBe(first!.indexOf('one'));
  });

  it('removes control characters from all texts of others', () => {
    const steering = '\u001b[2J\u001b]0;title\u0007\r\n\u202egnp.exe\u200b\u0085';
    const text = renderTable([{ subject: `a${steering}`, outcome: 'review', why: [`m${steering}`] }], 200);
    // oxlint-disable-next-line no-control-regex
    for (const character of ['\u001b[2J', '\u0007', '\r', '\u202e', '\u200b', '\u0085'])
      expect(text).not.toContain(character);
    expect(text.split('\n')).toHaveLength(1);
  });

  it('fits the terminal', () => {
    const rows = [{ subject: 'a'.repeat(300), outcome: 'review', why: ['m'.repeat(1_000)] }];
    for (const line of renderTable(rows, 120).split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe('renderSummary', () => {
  it('counts items and their outcomes', () => {
    const own = { outcome: 'unassessable', unassessable: { code: 'source.link', message: 'm' } } as const;
    const git = { outcome: 'unassessable', unassessable: { code: 'source.git', message: 'm' } } as const;
    const items = [{}, {}, { outcome: 'review' as const, decision: person('approved') }, own, git].map(
      anItem,
    );
    const text = renderSummary(request(), [
      ...items,
      anItem({ outcome: 'review' }),
      anItem({ outcome: 'reject' }),
    ]);
    expect(text).toBe(
      '5 entries, 5 package versions in 2.5 s: 2 approved by policy, 1 approved by a person, 1 to review, 1 rejected, ' +
        '0 failed, 1 not from a registry, 1 part of the project itself.',
    );
  });

  it('says for which platforms it holds, and what was left out', () => {
    const other = (os: string, ...cpu: string[]) =>
      anItem({
        outcome: 'unassessable',
        decision: null,
        unassessable: { code: 'source.platform', message: 'm' },
        platforms: { os: [os], cpu, libc: [] },
      });
    const forOne = request({ platforms: ['linux-x64-glibc'] });
    const items = [anItem(), other('win32', 'x64'), other('darwin', 'arm64'), other('win32', 'x64')];
    const text = renderSummary(forOne, items);
    expect(text).toContain('1 package version in 2.5 s: 1 approved by policy, 0 to review');
    expect(text).toContain(
      '\nFor linux-x64-glibc only: 3 package versions for other platforms were left out, not judged: darwin-arm64, win32-x64.',
    );
    const many = 'arm arm64 ia32 mips mipsel ppc ppc64 s390 s390x x64'
      .split(' ')
      .map((cpu) => other('aix', cpu));
    expect(renderSummary(forOne, many)).toContain('aix-ppc64, aix-s390 and 2 more.');
    expect(renderSummary(forOne, [anItem()])).toContain('For linux-x64-glibc only: nothing was left out.');
    expect(renderSummary(request(), [anItem()])).not.toContain('only:');
  });

  it('says once that advisories are missing, for all that wait for them alone', () => {
    const items = [1, 2, 3].map((n) => anItem({ name: `p${n}`, outcome: 'review', reasons: [missing] }));
    const both = anItem({ outcome: 'review', reasons: [missing, aReason('license.unknown', 'review')] });
    const text = renderSummary(request(), [
      ...items,
      both,
      anItem({ outcome: 'cancelled' }),
      anItem({ outcome: null }),
    ]);
    expect(text.match(/No advisories are loaded/g)).toHaveLength(1);
    expect(text).toContain('3 package versions wait for that alone');
    expect(renderSummary(request(), [anItem()])).not.toContain('No advisories');
  });

  it('tells how old the advisories are, and that their refresh failed', () => {
    const set = {
      ecosystem: 'npm',
      recordCount: 1_011,
      version: null,
      checkedAt: '2026-03-01T00:00:00Z',
      confirmedAt: null,
    };
    const advisories: RequestDetail['advisories'] = [
      { ...set, result: 'imported', detail: null, importedAt: '2026-02-28T00:00:00Z' },
      { ...set, ecosystem: 'pypi', result: 'failed', detail: 'no answer.', importedAt: null },
    ];
    const text = renderSummary(request({ advisories }), []);
    expect(text).toContain('Advisories for npm: 1011 records, imported 2026-02-28T00:00:00Z.');
    expect(text).toContain(
      'Advisories for pypi: 1011 records, never imported; the last refresh failed: no answer.',
    );
  });
});

describe('progressText', () => {
  it('shows progress, the awaited stage, rate and remaining time', () => {
    const open = { queued: 40, license: 3, download: 60, scan: 0 };
    expect(
      progressText(request({ itemCount: 347, endedItems: 212, open, ratePerSecond: 41.4, etaSeconds: 3 })),
    ).toBe('212/347 (61 %)  queued 40  license 3  download 60  41/s  3 s left');
  });

  it.each<[Partial<RequestDetail>, string]>([
    [{ itemCount: 0, endedItems: 0 }, 'nothing to assess'],
    [{ itemCount: 1_000, endedItems: 999 }, '999/1000 (99 %)'],
    [{ ratePerSecond: 1.26, etaSeconds: 89 }, '4/4 (100 %)  1.3/s  89 s left'],
    [{ ratePerSecond: 0, etaSeconds: 601 }, '4/4 (100 %)  11 min left'],
  ])('%j is %s', (fields, text) => {
    expect(progressText(request(fields))).toBe(text);
  });
});
