import fc from 'fast-check';
import { cleanEvidence, cleanLicense, cleanScan } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { endOf, judge, parsePolicy, type Waiver } from './index.ts';

const policy = parsePolicy('version: 1\nname: test\nadvisories: { critical: reject }');
const now = new Date('2026-01-10T00:00:00Z');
const match = (id: string, more: { aliases?: string[]; malicious?: boolean } = {}) => ({
  id,
  aliases: [],
  severity: 'critical' as const,
  score: 9.8,
  summary: 'Bad',
  malicious: false,
  fixedIn: null,
  ...more,
});
const evidenceOf = (...matches: ReturnType<typeof match>[]) =>
  cleanEvidence({ scan: cleanScan({ advisories: { status: 'matched', version: 'v1', matches } }) });
const waiver = (changes: Partial<Waiver> = {}): Waiver => ({
  id: 'w1',
  codes: ['advisory.critical'],
  advisories: [],
  until: new Date('2026-02-01T00:00:00Z'),
  ...changes,
});
const judged = (evidence: ReturnType<typeof evidenceOf>, ...waivers: Waiver[]) =>
  judge(evidence, policy, now, { waivers });

describe('a waiver', () => {
  it('lets through what it waives, and the reason stays with who waived it until when', () => {
    const verdict = judged(evidenceOf(match('A-1')), waiver());
    expect(verdict.outcome).toBe('approve');
    expect(verdict.reasons).toMatchObject([
      {
        code: 'advisory.critical',
        outcome: 'approve',
        severity: 'critical',
        waivedBy: 'w1',
        waivedUntil: '2026-02-01T00:00:00.000Z',
      },
    ]);
    expect(endOf(verdict)).toEqual(new Date('2026-02-01T00:00:00Z'));
  });

  it('does nothing from its end on', () => {
    const verdict = judged(evidenceOf(match('A-1')), waiver({ until: now }));
    expect(verdict.outcome).toBe('reject');
    expect(verdict.reasons[0]).not.toHaveProperty('waivedBy');
  });

  it('is limited to the advisories that it names, by id or alias', () => {
    const limited = waiver({ advisories: ['CVE-1'] });
    const outcomeOf = (...matches: ReturnType<typeof match>[]) =>
      judged(evidenceOf(...matches), limited).outcome;
    expect(outcomeOf(match('GHSA-1', { aliases: ['CVE-1'] }))).toBe('approve');
    expect(outcomeOf(match('CVE-1'))).toBe('approve');
    expect(outcomeOf(match('CVE-1'), match('CVE-2'))).toBe('reject');
  });

  it('is never for what the policy lets nobody override', () => {
    const verdict = judged(
      evidenceOf(match('MAL-1', { malicious: true })),
      waiver({ codes: ['malware.known', 'advisory.critical'] }),
    );
    expect(verdict).toMatchObject({
      outcome: 'reject',
      reasons: [{ code: 'malware.known', outcome: 'reject' }],
    });
  });

  it('changes nothing but the reasons that it names', () => {
    const codes = ['advisory.critical', 'license.review', 'malware.known', 'evidence.missing'];
    const base = evidenceOf(match('A-1'), match('MAL-1', { malicious: true }));
    const whole = { ...base, license: cleanLicense({ expression: 'AGPL-3.0-only' }), download: null };
    const plain = judge(whole, policy, now);
    fc.assert(
      fc.property(fc.subarray(codes), (waived) => {
        const { reasons } = judge(whole, policy, now, { waivers: [waiver({ codes: waived })] });
        expect(reasons).toHaveLength(plain.reasons.length);
        for (const before of plain.reasons) {
          const after = reasons.find(
            ({ code, message }) => code === before.code && message === before.message,
          )!;
          const isWaived = waived.includes(before.code) && !policy.approval.noOverride.includes(before.code);
          expect(after.outcome).toBe(isWaived ? 'approve' : before.outcome);
        }
      }),
    );
  });

  it('counts by the one that ends last where several are about a reason', () => {
    const later = waiver({ id: 'w2', until: new Date('2026-03-01T00:00:00Z') });
    expect(judged(evidenceOf(match('A-1')), waiver(), later).reasons[0]).toMatchObject({ waivedBy: 'w2' });
  });
});
