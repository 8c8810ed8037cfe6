import { createHash } from 'node:crypto';
import { PermanentError } from '@sluice/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { reviewedLicenses } from './reviewed-licenses.ts';

const outcome = z.enum(['approve', 'review', 'reject']);

const hours = z.number().min(0).max(8760);

/** From the mildest outcome to the strictest. */
export const rank = { approve: 0, review: 1, reject: 2 } as const;

/**
 * The policy document, version 1. Every key has a default, so that a policy lists only its differences; the default
 * policy, with a word on each key, is `policies/default.yaml`.
 */
export const policySchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(100),
  approval: z
    .strictObject({
      /** Who decides when the verdict is `approve`: the policy at once, or a person. */
      approve: z.enum(['automatic', 'manual']).default('automatic'),
      /** Who decides when the verdict is `reject`. */
      reject: z.enum(['automatic', 'manual']).default('automatic'),
      /** Reason codes whose verdict cannot be overridden. */
      noOverride: z.array(z.string()).default(['malware.known', 'integrity.failed']),
      /**
       * Whether the requester of a package version may approve it; `local` lets the user of the machine of the installation do so, who
       * may be its only one. Each approver may reject it.
       */
      selfApproval: z.enum(['allowed', 'local', 'refused']).default('local'),
      /** How many people have to approve, by reason code; `*` for all others. The most of a verdict's reasons counts. */
      approvers: z.record(z.string(), z.union([z.literal(1), z.literal(2)])).default({}),
    })
    .prefault({}),
  assessment: z
    .strictObject({
      /** How long an assessment answers for later requests before the package version is assessed again. */
      freshHours: z.number().min(0).max(8760).default(24),
    })
    .prefault({}),
  license: z
    .strictObject({
      /** SPDX ids; `*` stands for any run of characters. Deny wins over review, review over everything else. */
      deny: z.array(z.string()).default([]),
      review: z.array(z.string()).default([...reviewedLicenses]),
      /** Licenses outside of the SPDX list (`LicenseRef-…`) that count as known. */
      accept: z.array(z.string()).default(['LicenseRef-public-domain']),
      unknown: outcome.default('review'),
      proprietary: outcome.default('review'),
      lowConfidence: outcome.default('approve'),
      /** Nothing is declared, and the archive has one whole license text that the other keys have nothing against. */
      fromText: outcome.default('approve'),
      /** The least that contradicting license texts lead to; a text that is stricter counts by its own outcome. */
      textDiffers: outcome.default('approve'),
    })
    .prefault({}),
  advisories: z
    .strictObject({
      critical: outcome.default('review'),
      high: outcome.default('review'),
      medium: outcome.default('approve'),
      low: outcome.default('approve'),
      /** An advisory without a severity. */
      unrated: outcome.default('review'),
      /** No advisories are loaded to compare with. */
      missing: outcome.default('review'),
      /** No advisories are published of the ecosystem, so that none can be known. */
      uncovered: outcome.default('review'),
    })
    .prefault({}),
  malware: z
    .strictObject({
      /** The version is listed as malicious. */
      known: outcome.default('reject'),
      /** Findings of tier `block` and `review`. */
      block: outcome.default('reject'),
      review: outcome.default('review'),
    })
    .prefault({}),
  integrity: z
    .strictObject({
      /** The bytes do not match the registry's hashes. */
      failed: outcome.default('reject'),
      /** The registry serves other bytes than when the version was first assessed. */
      changed: outcome.default('reject'),
      /** The registry states nothing stronger than SHA-1. */
      weak: outcome.default('approve'),
      /** The registry states no hash at all, so nothing says that these are the bytes that were published. */
      unstated: outcome.default('review'),
      /** The pin of a lockfile cannot be read, or is of a kind that the bytes cannot be compared with. */
      unreadable: outcome.default('review'),
    })
    .prefault({}),
  /** Signatures of publishers and registries over the files. */
  signatures: z
    .strictObject({
      /** There is one, and it is wrong. */
      failed: outcome.default('reject'),
      /** There is one that cannot be verified: its key is not known. */
      unverified: outcome.default('approve'),
      /** There is none. */
      missing: outcome.default('approve'),
      /** It is right, by another key than the first one of the namespace. */
      keyChanged: outcome.default('review'),
      /** Fingerprints of keys that may follow the first one. */
      trustedKeys: z.array(z.string().regex(/^[0-9A-F]{40,64}$/)).default([]),
    })
    .prefault({}),
  /** Attestations of where and by whom the files were built, and changes since the version before. */
  provenance: z
    .strictObject({
      /** There is one, and it is wrong: of other bytes, or changed. */
      failed: outcome.default('reject'),
      /** There is one that cannot be verified: no trusted authority vouches for it. */
      unverified: outcome.default('approve'),
      /** There is none. */
      missing: outcome.default('approve'),
      /** The version before had one, and this one has none. */
      lost: outcome.default('approve'),
      /** Another repository, workflow or authority than that of the version before. */
      changed: outcome.default('approve'),
      /** Another account published it than the version before. */
      publisherChanged: outcome.default('approve'),
    })
    .prefault({}),
  /** Where a lockfile says that the bytes of an entry come from. These hold for the entry, not for the package version. */
  source: z
    .strictObject({
      /** An address elsewhere than the registry, not encrypted or with credentials, and no pin to compare with. */
      unpinned: outcome.default('review'),
      /** Name or version of the entry and of its address differ. */
      contradiction: outcome.default('review'),
      /** The package brings a lockfile of its own, which decides the packages placed below it. */
      ownLockfile: outcome.default('review'),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      /** There are no bytes to look into. */
      missing: outcome.default('review'),
      /** The archive could not be opened within the limits. */
      unscannable: outcome.default('review'),
    })
    .prefault({}),
  age: z
    .strictObject({
      /**
       * Versions younger than this wait: most malicious releases are found within days. 0 is off. A version whose
       * unknown publish time counts as young.
       */
      cooldownHours: hours.default(24),
      /** In place of `cooldownHours` for a version of that step: 1.2.3 is a patch, 1.2.0 minor, 1.0.0 major. */
      patchHours: hours.nullable().default(null),
      minorHours: hours.nullable().default(null),
      majorHours: hours.nullable().default(null),
      /** The beginning of the age: when the registry published it, when it was first assessed here, or the later. */
      clock: z.enum(['published', 'first-seen', 'later']).default('published'),
      /** Versions that were published after this moment wait for a person. */
      freezeAt: z.iso.datetime({ offset: true }).nullable().default(null),
      /** Names or purls without version of packages that do not wait; `*` stands for any run of characters. */
      exempt: z.array(z.string().min(1).max(300)).max(1_000).default([]),
      /** The fix of an advisory of this severity or worse does not wait when a version in use has the advisory. */
      fixSeverity: z.enum(['low', 'medium', 'high', 'critical', 'off']).default('high'),
      outcome: outcome.default('review'),
    })
    .prefault({}),
  deprecated: outcome.default('approve'),
  installScripts: outcome.default('approve'),
});

export type PolicyDocument = z.infer<typeof policySchema>;
export type PolicyOutcome = z.infer<typeof outcome>;

export interface Policy extends PolicyDocument {
  /** Digest of the effective policy: two documents that say the same have the same one. */
  digest: string;
}

/**
 * Reads a policy document.
 * @throws PermanentError `config.invalid` that names every faulty key.
 */
export function parsePolicy(yaml: string): Policy {
  let raw: unknown;
  try {
    raw = parse(yaml, { maxAliasCount: 10 });
  } catch (cause) {
    throw new PermanentError('config.invalid', `The policy is not YAML: ${(cause as Error).message}`, {
      cause,
    });
  }
  const parsed = policySchema.safeParse(raw);
  if (!parsed.success) {
    throw new PermanentError('config.invalid', `The policy is not valid:\n${z.prettifyError(parsed.error)}`);
  }
  const digest = createHash('sha256').update(JSON.stringify(parsed.data)).digest('hex').slice(0, 16);
  return { ...parsed.data, digest: `${parsed.data.name}@${digest}` };
}
