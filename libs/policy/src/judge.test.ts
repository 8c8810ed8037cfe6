import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Evidence } from '@sluice/contracts';
import { cleanEvidence, cleanRegistry } from '@sluice/testkit';
import { describe, expect, it } from 'vitest';
import { judge, judgeExpression, mayOverride, parsePolicy, policySchema } from './index.ts';

const policy = parsePolicy('version: 1\nname: test\n');
const now = new Date('2026-01-10T00:00:00Z');

function evidence(change: (clean: Evidence) => void = () => {}): Evidence {
  const clean: Evidence = cleanEvidence({ registry: cleanRegistry({ publishedAt: '2026-01-01T00:00:00Z' }) });
  change(clean);
  return clean;
}

const fileOf = (changed: Evidence) => changed.download!.files[0]!;
const codes = (changed: Evidence, by = policy) =>
  judge(changed, by, now).reasons.map((reason) => reason.code);

describe('judge', () => {
  it('approves clean evidence without a reason', () => {
    expect(judge(evidence(), policy, now)).toEqual({
      outcome: 'approve',
      reasons: [],
      policyVersion: policy.digest,
      judgedAt: now.toISOString(),
    });
  });

  it.each(['license', 'download', 'scan'] as const)(
    'never approves when the %s evidence is missing',
    (stage) => {
      const verdict = judge(
        evidence((e) => (e[stage] = null)),
        policy,
        now,
      );
      expect(verdict.outcome).toBe('review');
      expect(verdict.reasons[0]?.code).toBe('evidence.missing');
    },
  );

  it('takes unloaded advisories as missing, not as clean', () => {
    const changed = evidence((e) => (e.scan!.advisories = { status: 'missing', version: null, matches: [] }));
    expect(judge(changed, policy, now).outcome).toBe('review');
    expect(codes(changed)).toEqual(['advisories.missing']);
  });

  it('waits for a person where nobody publishes advisories, until the policy says otherwise', () => {
    const changed = evidence(
      (e) => (e.scan!.advisories = { status: 'missing', version: null, isCovered: false, matches: [] }),
    );
    expect(codes(changed)).toEqual(['advisories.uncovered']);
    expect(judge(changed, policy, now).outcome).toBe('review');
    const lenient = parsePolicy('version: 1\nname: lenient\nadvisories: { uncovered: approve }\n');
    expect(judge(changed, lenient, now).outcome).toBe('approve');
  });

  it('rejects known malware, and no person may override it', () => {
    const verdict = judge(
      evidence((e) =>
        e.scan!.advisories.matches.push({
          id: 'MAL-1',
          aliases: [],
          severity: null,
          score: null,
          summary: 'steals',
          malicious: true,
          fixedIn: null,
        }),
      ),
      policy,
      now,
    );
    expect(verdict.outcome).toBe('reject');
    expect(mayOverride(verdict, policy)).toBe(false);
  });

  it('rejects bytes that do not match the registry', () => {
    const verdict = judge(
      evidence((e) => (fileOf(e).status = 'integrity-failed')),
      policy,
      now,
    );
    expect(verdict.outcome).toBe('reject');
    expect(verdict.reasons.map((reason) => reason.code)).toContain('integrity.failed');
  });

  it('asks for a review of bytes without a stated hash', () => {
    const unstated = evidence((e) => Object.assign(fileOf(e), { verifiedWith: 'none', weak: true }));
    const verdict = judge(unstated, policy, now);
    expect(verdict).toMatchObject({ outcome: 'review', reasons: [{ code: 'integrity.unstated' }] });
  });

  it('rejects other bytes than the version had first, and has nothing against the same', () => {
    const same = evidence(() => {});
    const { file, digests } = fileOf(same);
    const first = (sha512: string) => ({ first: { bytes: new Map([[file, sha512]]), signer: null } });
    expect(judge(same, policy, now, first(digests!.sha512)).reasons).toEqual([]);
    const verdict = judge(same, policy, now, first('f'.repeat(128)));
    expect(verdict.outcome).toBe('reject');
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(['integrity.changed']);
  });

  it('compares content hashes of the registry with those of the scan', () => {
    const stated = (hex: string, h1: string[] | undefined) =>
      evidence((e) => {
        e.registry!.files[0]!.hashes = [{ algorithm: 'h1', hex }];
        fileOf(e).verifiedWith = 'none';
        fileOf(e).digests!.h1 = h1;
      });
    expect(codes(stated('aa', ['bb', 'aa']))).toEqual([]);
    expect(codes(stated('aa', ['bb']))).toEqual(['integrity.failed']);
    expect(codes(stated('aa', undefined))).toEqual(['integrity.unstated']);
  });

  describe('of signatures', () => {
    const signed = (status: 'verified' | 'failed' | 'unverified' | 'unavailable') =>
      evidence((e) => (e.registry!.files[0]!.signature = { status, key: 'K', detail: null }));
    const strict = parsePolicy(
      'version: 1\nname: strict\nsignatures: { unverified: review, missing: review }\n',
    );

    it.each([
      ['verified', [], []],
      ['failed', ['signature.failed'], ['signature.failed']],
      ['unverified', [], ['signature.unverified']],
      ['unavailable', [], ['signature.missing']],
    ] as const)('%s is %j, and %j by a strict policy', (status, byDefault, byStrict) => {
      expect(codes(signed(status))).toEqual(byDefault);
      expect(codes(signed(status), strict)).toEqual(byStrict);
    });

    it('waits for a person where another key than the first one signed, unless it is trusted', () => {
      const [first, other] = ['A'.repeat(40), 'B'.repeat(40)] as const;
      const by = (signer: string, known: string | null, policyText = '') =>
        judge(
          evidence((e) => (e.registry!.signer = signer)),
          parsePolicy(`version: 1\nname: test\n${policyText}`),
          now,
          { first: { bytes: new Map(), signer: known } },
        ).reasons.map(({ code, outcome }) => [code, outcome]);
      expect(by(first, null)).toEqual([]);
      expect(by(first, first)).toEqual([]);
      expect(by(other, first)).toEqual([['signature.key-changed', 'review']]);
      expect(by(other, first, `signatures: { trustedKeys: [${other}] }`)).toEqual([]);
    });
  });

  describe('of attestations', () => {
    const attested = {
      status: 'verified' as const,
      identity: 'https://git.example/a/b/release.yml@refs/tags/v2',
      issuer: 'https://token.example',
      repository: 'https://git.example/a/b',
      detail: null,
    };
    const none = {
      status: 'unavailable' as const,
      identity: null,
      issuer: null,
      repository: null,
      detail: null,
    };
    const strict = parsePolicy(
      'version: 1\nname: strict\nprovenance: { unverified: review, missing: review, lost: review, changed: reject }\n',
    );
    const having = (own: object, before?: object) =>
      evidence((e) => {
        e.registry!.files[0]!.provenance = { ...attested, ...own };
        if (before)
          e.registry!.provenanceBefore = { version: '1.0.0', provenance: { ...attested, ...before } };
      });

    it.each([
      ['verified', [], []],
      ['failed', ['provenance.failed'], ['provenance.failed']],
      ['unverified', [], ['provenance.unverified']],
      ['unavailable', [], ['provenance.missing']],
    ] as const)('%s is %j, and %j by a strict policy', (status, byDefault, byStrict) => {
      expect(codes(having({ status }))).toEqual(byDefault);
      expect(codes(having({ status }), strict)).toEqual(byStrict);
    });

    it('compares them with the version before', () => {
      const tag = { identity: 'https://git.example/a/b/release.yml@refs/tags/v1' };
      expect(codes(having({}, tag), strict)).toEqual([]);
      expect(codes(having({}, { repository: 'https://git.example/x/b' }))).toEqual(['provenance.changed']);
      expect(codes(having({}, { issuer: 'https://other.example' }))).toEqual(['provenance.changed']);
      expect(codes(having(none, {}))).toEqual(['provenance.lost']);
      expect(judge(having(none, {}), policy, now).outcome).toBe('approve');
      expect(codes(having(none, none))).toEqual([]);
      expect(codes(having({}, none))).toEqual([]);
      expect(codes(having({}, { status: 'unverified', repository: null }))).toEqual([]);
    });

    it('names another publisher than that of the version before', () => {
      const gained = { since: '1.0.0', publisherBefore: 'ann', dependencies: [] };
      const changed = evidence((e) => Object.assign(e.registry!, { publisher: 'bob', gained }));
      expect(codes(changed)).toEqual(['publisher.changed']);
      expect(judge(changed, policy, now).outcome).toBe('approve');
    });
  });

  it.each([
    ['critical', 'review'],
    ['high', 'review'],
    ['medium', 'approve'],
    ['low', 'approve'],
  ] as const)('a %s advisory leads to %s', (severity, outcome) => {
    const verdict = judge(
      evidence((e) =>
        e.scan!.advisories.matches.push({
          id: 'GHSA-1',
          aliases: [],
          severity,
          score: 9,
          summary: 'bad',
          malicious: false,
          fixedIn: '2.0.0',
        }),
      ),
      policy,
      now,
    );
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.reasons[0]).toMatchObject({ code: `advisory.${severity}`, data: { fixedIn: '2.0.0' } });
  });

  it('sends strong copyleft, unknown and proprietary licenses to review', () => {
    expect(codes(evidence((e) => (e.license!.expression = 'AGPL-3.0-only')))).toEqual(['license.review']);
    expect(codes(evidence((e) => ((e.license!.expression = null), (e.license!.declared = 'mine'))))).toEqual([
      'license.unknown',
    ]);
    expect(
      codes(evidence((e) => ((e.license!.declaredForm = 'unlicensed'), (e.license!.expression = null)))),
    ).toEqual(['license.proprietary']);
  });

  it('waits out the cooldown of a young version, and not a moment longer', () => {
    const patient = parsePolicy('version: 1\nname: p\nage: { cooldownHours: 216 }');
    expect(codes(evidence(), patient)).toEqual([]);
    expect(judge(evidence(), patient, new Date('2026-01-09T23:59:59Z')).reasons[0]?.code).toBe(
      'age.cooldown',
    );
  });

  it('is never milder than any of its reasons', () => {
    const rank = { approve: 0, review: 1, reject: 2 };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('critical', 'high', 'medium', 'low', null), { maxLength: 5 }),
        fc.boolean(),
        (severities, weak) => {
          const verdict = judge(
            evidence((e) => {
              fileOf(e).weak = weak;
              e.scan!.advisories.matches = severities.map((severity, i) => ({
                id: `A-${i}`,
                aliases: [],
                severity,
                score: null,
                summary: 's',
                malicious: false,
                fixedIn: null,
              }));
            }),
            policy,
            now,
          );
          expect(rank[verdict.outcome]).toBe(
            Math.max(0, ...verdict.reasons.map((reason) => rank[reason.outcome])),
          );
        },
      ),
    );
  });
});

describe('judgeExpression', () => {
  const rules = { ...policy.license, deny: ['Evil-1.0', 'SSPL-1.0'] };
  it.each([
    ['MIT', 'approve'],
    ['GPL-3.0-only', 'review'],
    ['SSPL-1.0', 'reject'],
    ['MIT OR GPL-3.0-only', 'approve'],
    ['MIT AND GPL-3.0-only', 'review'],
    ['(MIT OR SSPL-1.0) AND GPL-2.0-or-later', 'review'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'review'],
    ['LGPL-3.0-only', 'approve'],
  ])('%s → %s', (expression, outcome) => {
    expect(judgeExpression(expression, rules).outcome).toBe(outcome);
  });
});

describe('parsePolicy', () => {
  it('reads the shipped default, which says exactly what the schema defaults to', () => {
    const text = readFileSync(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
    const { digest: _, ...shipped } = parsePolicy(text);
    expect(shipped).toEqual(policySchema.parse({ version: 1, name: 'default' }));
  });

  it('names every faulty key at once', () => {
    expect(() => parsePolicy('version: 1\nname: x\nlicence: {}\nmalware: { known: maybe }')).toThrow(
      /licence[\s\S]*malware|malware[\s\S]*licence/,
    );
  });

  it('refuses a text that is not YAML', () => {
    expect(() => parsePolicy('a: [')).toThrow(/not YAML/);
  });
});
