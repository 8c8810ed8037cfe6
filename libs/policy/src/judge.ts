import {
  contentAlgorithms,
  type DownloadedFile,
  type Evidence,
  type FileHash,
  type FirstSeen,
  type Reason,
  type ScannedFile,
  type Verdict,
} from '@sluice/contracts';
import { applyWaivers } from './apply-waivers.ts';
import { noCircumstances, type Circumstances } from './circumstances.ts';
import { judgeAge } from './judge-age.ts';
import { judgeLicense, judgeLicenseTexts } from './judge-license.ts';
import { judgeProvenance } from './judge-provenance.ts';
import { judgeSignatures } from './judge-signatures.ts';
import { reason } from './reasons.ts';
import { rank, type Policy } from './schema.ts';

/**
 * Judges a package version by its evidence. Pure: the same evidence, policy and time give the same verdict, so that
 * an old verdict can be explained and a new policy tested on old evidence.
 * Evidence that is missing is a reason in itself, never a clean bill.
 * @param about facts about the package version beside its evidence; those left out are not known.
 */
export function judge(
  evidence: Evidence,
  policy: Policy,
  now: Date,
  about: Partial<Circumstances> = {},
): Verdict {
  const { first, waivers, ...age } = { ...noCircumstances, ...about };
  const found = [
    ...judgeLicense(evidence, policy),
    ...judgeRegistry(evidence, policy),
    ...judgeDownload(evidence, policy, first),
    ...judgeSignatures(evidence, policy, first.signer),
    ...judgeProvenance(evidence, policy),
    ...judgeScan(evidence, policy),
    ...judgeLicenseTexts(evidence, policy),
    ...judgeAdvisories(evidence, policy),
    ...judgeAge(evidence, policy, now, age),
  ];
  const { noOverride } = policy.approval;
  const reasons = applyWaivers(found, waivers, { now, noOverride }).toSorted(
    (a, b) => rank[b.outcome] - rank[a.outcome],
  );
  const outcome = reasons[0]?.outcome ?? 'approve';
  return { outcome, reasons, policyVersion: policy.digest, judgedAt: now.toISOString() };
}

/** Whether a person may decide against this verdict. */
export function mayOverride(verdict: Verdict, policy: Policy): boolean {
  return !verdict.reasons.some(
    ({ outcome, code }) => outcome === 'reject' && policy.approval.noOverride.includes(code),
  );
}

/** How many people have to approve a package version with this verdict; null for one without a verdict. Pure. */
export function approversFor(verdict: Verdict | null, policy: Policy): 1 | 2 {
  const wanted = (verdict?.reasons ?? [])
    .filter(({ outcome }) => outcome !== 'approve')
    .map(({ code }) => approversForCode(code, policy));
  return wanted.length === 0 ? approversForCode('*', policy) : wanted.includes(2) ? 2 : 1;
}

/** How many people have to approve a package version that has a reason with this code; `*` for a code that is not named. Pure. */
export function approversForCode(code: string, { approval: { approvers } }: Policy): 1 | 2 {
  return (Object.hasOwn(approvers, code) ? approvers[code] : approvers['*']) ?? 1;
}

function judgeRegistry({ registry }: Evidence, { deprecated, installScripts }: Policy): Reason[] {
  if (!registry) return [];
  const { withdrawn, runsAtInstall } = registry;
  const reasons: Reason[] = [];
  if (withdrawn) {
    const message = `${withdrawn.how === 'yanked' ? 'Yanked' : 'Deprecated'}: ${withdrawn.reason}`;
    reasons.push(reason('package.deprecated', 'low', deprecated, message));
  }
  if (runsAtInstall.length > 0) {
    const message = `Runs ${runsAtInstall.join(', ')} when it is installed.`;
    reasons.push(reason('package.install-scripts', 'low', installScripts, message, { hooks: runsAtInstall }));
  }
  return reasons;
}

function judgeDownload({ registry, download }: Evidence, policy: Policy, { bytes }: FirstSeen): Reason[] {
  if (!download || download.files.length === 0) return [bytesMissing(null, policy)];
  const stated = new Map(registry?.files.map(({ file, hashes }) => [file, hashes.filter(isOfContent)]));
  return download.files.flatMap((file) =>
    judgeFile(file, policy, { first: bytes.get(file.file), contentHashes: stated.get(file.file) ?? [] }),
  );
}

function isOfContent({ algorithm }: FileHash): boolean {
  return (contentAlgorithms as readonly string[]).includes(algorithm);
}

function bytesMissing(file: DownloadedFile | null, policy: Policy): Reason {
  const message = file?.detail ?? 'The registry has no bytes for this version.';
  const data = { evidence: 'download', ...(file && { file: file.file }) };
  return reason('evidence.missing', 'medium', policy.evidence.missing, message, data);
}

/**
 * @param stated `first`: SHA-512 of the bytes that the file had when it was first assessed; `contentHashes`: those that the registry
 * states.
 */
function judgeFile(
  file: DownloadedFile,
  policy: Policy,
  { first, contentHashes }: { first: string | undefined; contentHashes: FileHash[] },
): Reason[] {
  if (file.status === 'missing') return [bytesMissing(file, policy)];
  const about = { file: file.file };
  if (file.status === 'integrity-failed') {
    const message = file.detail ?? 'The bytes do not match what the registry states.';
    return [reason('integrity.failed', 'critical', policy.integrity.failed, message, about)];
  }
  const reasons: Reason[] = [];
  if (first && file.digests && file.digests.sha512 !== first) {
    const message = 'The registry serves other bytes than when this version was first assessed.';
    const data = { ...about, first, now: file.digests.sha512 };
    reasons.push(reason('integrity.changed', 'critical', policy.integrity.changed, message, data));
  }
  const content = compareContent(file, contentHashes);
  if (content === 'other') {
    const message = 'The files in the archive are not those that the registry states.';
    reasons.push(reason('integrity.failed', 'critical', policy.integrity.failed, message, about));
  } else if (file.verifiedWith === 'none' && content !== 'same') {
    const message =
      content === 'unknown'
        ? 'The registry states a hash of the files in the archive alone, and the archive could not be read.'
        : 'The registry states no hash, so nothing says that these are the bytes that were published.';
    reasons.push(reason('integrity.unstated', 'medium', policy.integrity.unstated, message, about));
  } else if (file.weak) {
    const message = 'The registry states nothing stronger than SHA-1.';
    reasons.push(reason('integrity.weak', 'low', policy.integrity.weak, message, about));
  }
  return reasons;
}

/** Compares the content hashes that the registry states with those that the scan found. */
function compareContent(
  { digests }: DownloadedFile,
  stated: readonly FileHash[],
): 'same' | 'other' | 'unknown' | 'unstated' {
  if (stated.length === 0) return 'unstated';
  if (!digests?.h1) return 'unknown';
  return stated.some(({ hex }) => digests.h1!.includes(hex)) ? 'same' : 'other';
}

function judgeScan({ scan, download }: Evidence, policy: Policy): Reason[] {
  const scanned = new Map(scan?.files.map((file) => [file.file, file]));
  const isMissing = (download?.files ?? []).some(({ file, status }) => {
    const own = scanned.get(file);
    return status === 'verified' && (!own || own.status === 'missing');
  });
  const reasons = [...scanned.values()].flatMap((file) => judgeScannedFile(file, policy));
  if (!scan || isMissing) {
    const message = scan ? 'The archive was not scanned.' : 'There is no scan.';
    const severity = scan ? 'high' : 'medium';
    const data = { evidence: 'scan' };
    reasons.unshift(reason('evidence.missing', severity, policy.evidence.missing, message, data));
  }
  return reasons;
}

function judgeScannedFile(scanned: ScannedFile, policy: Policy): Reason[] {
  const reasons: Reason[] = [];
  if (scanned.status === 'unscannable') {
    const message = scanned.detail ?? 'The archive could not be opened within the limits.';
    reasons.push(
      reason('evidence.unscannable', 'high', policy.evidence.unscannable, message, {
        reason: scanned.reason,
      }),
    );
  }
  for (const finding of scanned.findings) {
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
  if (scan.advisories.isCovered === false) {
    const message = 'Nobody publishes advisories of this kind of package.';
    return [
      reason('advisories.uncovered', 'low', policy.advisories.uncovered, message, { evidence: 'advisories' }),
    ];
  }
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

/**
 * When a verdict has to be judged again because a cooldown or a waiver in it ends then; null when nothing in it ends by itself.
 */
export function endOf(verdict: Verdict): Date | null {
  const ends = verdict.reasons
    .flatMap(({ code, data, waivedUntil }) => [code === 'age.cooldown' ? data['until'] : null, waivedUntil])
    .filter((end) => typeof end === 'string')
    .map((end) => Date.parse(end));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}
