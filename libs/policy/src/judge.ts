import type { Evidence, Reason, Verdict } from '@sluice/contracts';
import { judgeLicense, judgeLicenseTexts } from './judge-license.ts';
import { reason } from './reasons.ts';
import { rank, type Policy } from './schema.ts';

/**
 * Judges a package version by its evidence. Pure: the same evidence, policy and time give the same verdict, so that
 * an old verdict can be explained and a new policy tested on old evidence.
 * Evidence that is missing is a reason in itself, never a clean bill.
 */
export function judge(evidence: Evidence, policy: Policy, now: Date): Verdict {
  const reasons = [
    ...judgeLicense(evidence, policy),
    ...judgeManifest(evidence, policy),
    ...judgeDownload(evidence, policy),
    ...judgeScan(evidence, policy),
    ...judgeLicenseTexts(evidence, policy),
    ...judgeAdvisories(evidence, policy),
    ...judgeAge(evidence, policy, now),
  ].toSorted((a, b) => rank[b.outcome] - rank[a.outcome]);
  const outcome = reasons[0]?.outcome ?? 'approve';
  return { outcome, reasons, policyVersion: policy.digest, judgedAt: now.toISOString() };
}

/** Whether a person may decide against this verdict. */
export function mayOverride(verdict: Verdict, policy: Policy): boolean {
  return !verdict.reasons.some(
    ({ outcome, code }) => outcome === 'reject' && policy.approval.noOverride.includes(code),
  );
}

function judgeManifest({ license }: Evidence, { deprecated, installScripts }: Policy): Reason[] {
  const reasons: Reason[] = [];
  if (license?.deprecated) {
    reasons.push(reason('package.deprecated', 'low', deprecated, `Deprecated: ${license.deprecated}`));
  }
  if (license && license.installScripts.length > 0) {
    const message = `Runs ${license.installScripts.join(', ')} when it is installed.`;
    reasons.push(
      reason('package.install-scripts', 'low', installScripts, message, { hooks: license.installScripts }),
    );
  }
  return reasons;
}

function judgeDownload({ download, firstSha512 }: Evidence, policy: Policy): Reason[] {
  if (!download || download.status === 'missing') {
    const message = download?.detail ?? 'The registry has no bytes for this version.';
    return [reason('evidence.missing', 'medium', policy.evidence.missing, message, { evidence: 'download' })];
  }
  if (download.status === 'integrity-failed') {
    const message = download.detail ?? 'The bytes do not match what the registry states.';
    return [reason('integrity.failed', 'critical', policy.integrity.failed, message)];
  }
  const reasons: Reason[] = [];
  if (firstSha512 && download.digests && download.digests.sha512 !== firstSha512) {
    const message = 'The registry serves other bytes than when this version was first assessed.';
    const data = { first: firstSha512, now: download.digests.sha512 };
    reasons.push(reason('integrity.changed', 'critical', policy.integrity.changed, message, data));
  }
  if (download.verifiedWith === 'none') {
    const message =
      'The registry states no hash, so nothing says that these are the bytes that were published.';
    reasons.push(reason('integrity.unstated', 'medium', policy.integrity.unstated, message));
  } else if (download.weak) {
    const message = 'The registry states nothing stronger than SHA-1.';
    reasons.push(reason('integrity.weak', 'low', policy.integrity.weak, message));
  }
  return reasons;
}

function judgeScan({ scan, download }: Evidence, policy: Policy): Reason[] {
  if (!scan)
    return [
      reason('evidence.missing', 'medium', policy.evidence.missing, 'There is no scan.', {
        evidence: 'scan',
      }),
    ];
  const reasons: Reason[] = [];
  if (scan.status === 'unscannable') {
    const message = scan.detail ?? 'The archive could not be opened within the limits.';
    reasons.push(
      reason('evidence.unscannable', 'high', policy.evidence.unscannable, message, { reason: scan.reason }),
    );
  } else if (scan.status === 'missing' && download?.status === 'verified') {
    reasons.push(
      reason('evidence.missing', 'high', policy.evidence.missing, 'The archive was not scanned.', {
        evidence: 'scan',
      }),
    );
  }
  for (const finding of scan.findings) {
    if (finding.tier === 'note') continue;
    const place = finding.file ? ` (${finding.file}${finding.line ? `:${finding.line}` : ''})` : '';
    reasons.push(
      reason(
        finding.tier === 'block' ? 'malware.blocked' : 'malware.suspected',
        finding.severity,
        policy.malware[finding.tier],
        finding.title + place,
        {
          rule: finding.rule,
          file: finding.file,
          line: finding.line,
        },
      ),
    );
  }
  return reasons;
}

function judgeAdvisories({ scan }: Evidence, policy: Policy): Reason[] {
  if (!scan) return [];
  if (scan.advisories.status === 'missing') {
    return [
      reason('advisories.missing', 'medium', policy.advisories.missing, 'No advisories are loaded.', {
        evidence: 'advisories',
      }),
    ];
  }
  return scan.advisories.matches.map((match) => {
    const data = { id: match.id, aliases: match.aliases, score: match.score, fixedIn: match.fixedIn };
    if (match.malicious)
      return reason('malware.known', 'critical', policy.malware.known, `${match.id}: ${match.summary}`, data);
    const fix = match.fixedIn ? ` Fixed in ${match.fixedIn}.` : '';
    const message = `${match.id}: ${match.summary}.${fix}`.replace('..', '.');
    const { severity } = match;
    if (severity === null || severity === 'info') {
      return reason('advisory.unrated', 'medium', policy.advisories.unrated, message, data);
    }
    return reason(`advisory.${severity}`, severity, policy.advisories[severity], message, data);
  });
}

function judgeAge({ license }: Evidence, { age }: Policy, now: Date): Reason[] {
  if (age.cooldownHours === 0 || !license) return [];
  if (!license.publishedAt) {
    const message = `Nobody states when it was published, so it may be younger than ${age.cooldownHours} hours.`;
    return [reason('age.unknown', 'low', age.outcome, message)];
  }
  const until = new Date(Date.parse(license.publishedAt) + age.cooldownHours * 3_600_000);
  if (until <= now) return [];
  const message = `Published ${license.publishedAt}; it may be used from ${until.toISOString()} on.`;
  return [reason('age.cooldown', 'low', age.outcome, message, { until: until.toISOString() })];
}

/** When a verdict has to be judged again because its cooldown ends then; null when nothing in it ends by itself. */
export function cooldownEndOf(verdict: Verdict): Date | null {
  const cooldown = verdict.reasons.find(({ code }) => code === 'age.cooldown');
  const until = cooldown?.data.until;
  return typeof until === 'string' ? new Date(until) : null;
}
