import type { Reason, Severity } from '@sluice/contracts';
import type { PolicyOutcome } from './schema.ts';

/** The remedy for each reason of a verdict. Codes are stable. */
export const reasonTexts = {
  'license.denied': { remedy: 'Replace the package, or ask whoever keeps the policy.' },
  'license.review': { remedy: 'Have somebody decide whether this license fits how the package is used.' },
  'license.unknown': { remedy: 'Read the package’s license files, then approve or reject.' },
  'license.proprietary': { remedy: 'Check that there is a contract for it, then approve or reject.' },
  'license.low-confidence': { remedy: 'Check that the license was read rightly.' },
  'license.from-text': { remedy: 'Ask the author to declare the license that the file states.' },
  'license.text-differs': { remedy: 'Read the license files: they are what was granted.' },
  'package.deprecated': { remedy: 'Move to what its author names instead.' },
  'package.install-scripts': { remedy: 'Install with --ignore-scripts unless it needs them.' },
  'integrity.failed': {
    remedy: 'Do not install it. Find out whether registry, mirror or network changed the bytes.',
  },
  'integrity.changed': {
    remedy:
      'Do not install it. The registry serves other bytes under the same version: find out who replaced them.',
  },
  'integrity.mismatch': {
    remedy:
      'The lockfile pins other bytes than the registry serves: find out which of them was tampered with.',
  },
  'integrity.not-assessed': {
    remedy:
      'Configure the platform that these files are for, or write the lockfile anew so that it pins files that the registry has.',
  },
  'integrity.unreadable': {
    remedy: 'Write the lockfile anew with a current version of its tool, so that it pins whole hashes.',
  },
  'source.unpinned': {
    remedy:
      'Write the lockfile anew against the registry, so that the entry has a pin: `npm install --package-lock-only`.',
  },
  'source.contradiction': {
    remedy:
      'Find out who wrote this entry: an installer takes the bytes from its address, whatever its name says.',
  },
  'source.own-lockfile': {
    remedy:
      'Read the npm-shrinkwrap.json in its archive: npm installs what that names, and nobody has judged it.',
  },
  'integrity.unstated': {
    remedy: 'Take it from a registry that states a hash, or compare its bytes by hand.',
  },
  'integrity.weak': { remedy: 'Prefer a version that was published with SHA-512.' },
  'signature.failed': {
    remedy: 'Do not install it. Find out whether the registry or somebody between changed the files.',
  },
  'signature.unverified': { remedy: 'Configure the key that it is by, or decide by hand.' },
  'signature.missing': { remedy: 'Take it from a registry that has signatures, or decide by hand.' },
  'signature.key-changed': {
    remedy:
      'Ask its publisher whether the key is theirs; then add the fingerprint to `signatures.trustedKeys` of the policy.',
  },
  'provenance.failed': {
    remedy: 'Do not install it. Its attestation is of other bytes than the registry serves, or was changed.',
  },
  'provenance.unverified': { remedy: 'Bring the trust root up to date, or decide by hand.' },
  'provenance.missing': { remedy: 'Prefer a version that its maker attests, or decide by hand.' },
  'provenance.lost': { remedy: 'Find out why it was published in another way than the version before.' },
  'provenance.changed': { remedy: 'Find out whether the project has moved to that repository.' },
  'publisher.changed': { remedy: 'Look at whether the account has published this package before.' },
  'evidence.missing': { remedy: 'Retry the package; if it stays missing, decide by hand.' },
  'evidence.unscannable': { remedy: 'Look at the archive by hand in a sandbox, then approve or reject.' },
  'malware.known': { remedy: 'Do not install it. Where it was installed, treat the machine as compromised.' },
  'malware.blocked': { remedy: 'Do not install it. Look at the file that is named.' },
  'malware.suspected': { remedy: 'Look at the file that is named, then approve or reject.' },
  'advisories.missing': { remedy: 'Load advisories with `sluice advisories import`, then assess again.' },
  'advisories.uncovered': {
    remedy:
      'Read its release notes, then decide; `advisories.uncovered` of the policy is for all of its kind.',
  },
  'advisory.critical': { remedy: 'Move to the fixed version.' },
  'advisory.high': { remedy: 'Move to the fixed version.' },
  'advisory.medium': { remedy: 'Move to the fixed version when convenient.' },
  'advisory.low': { remedy: 'Move to the fixed version when convenient.' },
  'advisory.unrated': { remedy: 'Read the advisory and judge whether it matters here.' },
  'age.cooldown': { remedy: 'Wait, or take an older version.' },
  'age.frozen': { remedy: 'Take a version from before the freeze, or approve this one by hand.' },
  'age.fix-exempt': { remedy: 'Install it: it is the fix.' },
  'age.unknown': { remedy: 'Find out when it was published, then approve or reject.' },
} as const;

export type ReasonCode = keyof typeof reasonTexts;

/** A reason with its remedy. */
export function reason(
  code: ReasonCode,
  severity: Severity,
  outcome: PolicyOutcome,
  message: string,
  data: Record<string, unknown> = {},
): Reason {
  return { code, severity, outcome, message, remedy: reasonTexts[code].remedy, data };
}

/** Reasons of the entry of one lockfile, which no decision on the package version lifts. */
const itemCodes = ['integrity.mismatch', 'integrity.not-assessed', 'integrity.unreadable'];

/** Whether a reason with this code may stand in a verdict on a package version, so that a waiver can be about it. */
export function isWaivable(code: string): boolean {
  return Object.hasOwn(reasonTexts, code) && !code.startsWith('source.') && !itemCodes.includes(code);
}
