import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { decisionSchema, evidenceSchemas, releaseSchema, verdictSchema } from './evidence/index.ts';
import { upgradeDownload, upgradeLicense, upgradeScan } from './evidence/upgrade-evidence.ts';
import { digestField } from './digest-field.ts';
import { laneSchema } from './lane.ts';
import { stageNameSchema } from './pipeline.ts';
import { scopeField } from './scope.ts';

const timestamp = z.iso.datetime({ offset: true });

/** Fields of every fact about an assessment. */
const assessmentFields = {
  assessmentId: z.uuid(),
  purl: z.string(),
  lane: laneSchema,
  /** Counts the runs of this assessment through the stages from 1; a redrive adds one. */
  attempt: z.number().int().positive(),
};

/** Whose policy gave the verdict, and whose decision it is; old events, which do not say, are of `default`. */
const scope = scopeField;

const requestFields = { requestId: z.uuid(), lane: laneSchema, scope };

/**
 * A stage runs again by request: the assessment begins with this event, published by the aggregator, which restates the
 * evidence of the stages before. Absent from events of the stages themselves.
 */
const replay = z.looseObject({ replayId: z.uuid(), by: z.string(), reason: z.string() }).optional();

/** Which round of a request it belongs to, 1 when absent; a request whose failed items are tried again begins another. */
const round = z.number().int().positive().optional();

export const itemOutcomeSchema = z.enum([
  'approve',
  'review',
  'reject',
  'failed',
  'cancelled',
  'unassessable',
]);
export type ItemOutcome = z.infer<typeof itemOutcomeSchema>;

export const requestSubmitted = defineEvent({
  type: 'request.submitted',
  publisher: 'gateway, importer, gate',
  description:
    'A lockfile was submitted, by itself or in a batch; its normalised list is in the artifact store.',
  schema: z.looseObject({
    ...requestFields,
    requester: z.string(),
    labels: z.record(z.string(), z.string()),
    format: z.string(),
    /** Name of the submitted file, for people. */
    filename: z.string().nullable(),
    /** Items to assess and items that cannot be, together. */
    itemCount: z.number().int(),
    /** Entries of the lockfile, before they were merged by package version. */
    entryCount: z.number().int(),
    /** Platforms to install on, such as `linux-x64`; those items are left out that none of them installs. Empty or absent: all. */
    platforms: z.array(z.string()).optional(),
    listDigest: digestField,
    submittedAt: timestamp,
    /** The batch that it is part of; `filename` is its path there. */
    batchId: z.uuid().nullish(),
  }),
});

export const requestProgressed = defineEvent({
  type: 'request.progressed',
  publisher: 'aggregator',
  description: 'Some items of a request ended. At most 200 items an event.',
  schema: z.looseObject({
    ...requestFields,
    round,
    items: z.array(
      z.looseObject({
        /** Position in the request's list, from 0. */
        ordinal: z.number().int(),
        outcome: itemOutcomeSchema,
        assessmentId: z.uuid().nullable(),
        /** Reasons that hold for this item alone, such as integrity.mismatch. */
        reasons: z.array(z.looseObject({ code: z.string(), message: z.string() })),
        /** The package version whose outcome it took: a bundled package that no registry has is part of that one. */
        follows: z.string().nullish(),
        at: timestamp,
      }),
    ),
  }),
});

export const requestCompleted = defineEvent({
  type: 'request.completed',
  publisher: 'aggregator',
  description: 'The last item of a request ended, or the request could not be taken in.',
  schema: z.looseObject({
    ...requestFields,
    /** Only outcomes that some item had. */
    round,
    counts: z.partialRecord(itemOutcomeSchema, z.number().int()),
    completedAt: timestamp,
    /** Why the request could not be taken in; all its items count as failed then. Stable code, see the runbook. */
    failure: z.looseObject({ code: z.string(), detail: z.string() }).optional(),
  }),
});

/** Who did something by hand, and why. */
const byHand = { by: z.string(), reason: z.string(), at: timestamp };

export const requestCancelled = defineEvent({
  type: 'request.cancelled',
  publisher: 'aggregator',
  description: 'Somebody cancelled a request; its open items end as cancelled.',
  schema: z.looseObject({ ...requestFields, ...byHand }),
});

export const requestReopened = defineEvent({
  type: 'request.reopened',
  publisher: 'aggregator',
  description: 'Items of a request are tried again. At most 1,000 items an event.',
  schema: z.looseObject({
    ...requestFields,
    ...byHand,
    round: z.number().int().positive(),
    ordinals: z.array(z.number().int()),
    /** The purls of these items, in their order, where they were stored under another name before. */
    purls: z.array(z.string()).optional(),
  }),
});

export const requestLaneChanged = defineEvent({
  type: 'request.lane-changed',
  publisher: 'aggregator',
  description: 'Somebody moved a request to the other lane while it ran.',
  schema: z.looseObject({ ...requestFields, ...byHand }),
});

export const pkgRequested = defineEvent({
  type: 'pkg.requested',
  publisher: 'aggregator',
  description: 'A package version needs an assessment.',
  schema: z.looseObject({ ...assessmentFields, requestedAt: timestamp, deadlineAt: timestamp, replay }),
});

const { registry, license, download, scan } = evidenceSchemas;

/** Facts of the stages carry all evidence so far: the next stage and the aggregator need no other event. */
export const pkgLicensed = defineEvent({
  type: 'pkg.licensed',
  version: 2,
  publisher: 'license, aggregator',
  description: 'Registry metadata was read and the declared license normalised.',
  schema: z.looseObject({ ...assessmentFields, evidence: z.looseObject({ registry, license }), replay }),
  upgrade(data) {
    const { license: evidence, ...rest } = data as { license: unknown; purl: string };
    return { ...rest, evidence: upgradeLicense(evidence, rest.purl) };
  },
});

export const pkgDownloaded = defineEvent({
  type: 'pkg.downloaded',
  version: 2,
  publisher: 'downloader, aggregator',
  description: 'The files were fetched and verified, or could not be.',
  schema: z.looseObject({
    ...assessmentFields,
    evidence: z.looseObject({ registry, license, download }),
    replay,
  }),
  upgrade(data) {
    const { license: before, download: own, ...rest } = data as Record<string, unknown> & { purl: string };
    const evidence = { ...upgradeLicense(before, rest.purl), download: upgradeDownload(own, rest.purl) };
    return { ...rest, evidence };
  },
});

export const pkgScanned = defineEvent({
  type: 'pkg.scanned',
  version: 2,
  publisher: 'scanner',
  description: 'The files were scanned and advisories were matched.',
  schema: z.looseObject({
    ...assessmentFields,
    /** Events of version 1 have no evidence of the stages before. */
    evidence: z.looseObject({
      registry: registry.optional(),
      license: license.optional(),
      download: download.optional(),
      scan,
    }),
  }),
  upgrade(data) {
    const { scan: own, ...rest } = data as { scan: unknown; purl: string };
    return { ...rest, evidence: { scan: upgradeScan(own, rest.purl) } };
  },
});

export const pkgFailed = defineEvent({
  type: 'pkg.failed',
  publisher: 'any stage, aggregator',
  description: 'A stage cannot gather its evidence and will not try again by itself.',
  schema: z.looseObject({
    ...assessmentFields,
    stage: stageNameSchema,
    /** Stable code, see the runbook. */
    code: z.string(),
    detail: z.string(),
    /** Attempts of the stage, and the instance that made the last; of the aggregator's own verdicts nothing. */
    stageAttempt: z.number().int().optional(),
    worker: z.string().optional(),
    failedAt: timestamp,
  }),
});

export const pkgAttemptFailed = defineEvent({
  type: 'pkg.attempt-failed',
  publisher: 'any stage',
  description: 'One delivery of a stage failed and will be tried again.',
  schema: z.looseObject({
    ...assessmentFields,
    stage: stageNameSchema,
    /** Deliveries that counted as attempts so far, this one included. */
    stageAttempt: z.number().int(),
    /** False for outages and shutdowns: they are retried without limit. */
    counted: z.boolean(),
    code: z.string(),
    detail: z.string(),
    worker: z.string(),
    failedAt: timestamp,
    nextTryAt: timestamp,
    /**
     * True when bytes stored by an earlier stage are lost: the package version goes
     * through the stages again.
     */
    redo: z.boolean().optional(),
  }),
});

export const pkgAssessed = defineEvent({
  type: 'pkg.assessed',
  publisher: 'aggregator',
  description: 'All evidence is in and the policy of a scope gave its verdict.',
  schema: z.looseObject({ ...assessmentFields, scope, verdict: verdictSchema }),
});

const decided = z.looseObject({
  purl: z.string(),
  lane: laneSchema,
  scope,
  assessmentId: z.uuid(),
  decision: decisionSchema,
});

export const pkgApproved = defineEvent({
  type: 'pkg.approved',
  publisher: 'aggregator',
  description: 'The package version may be installed.',
  schema: z.looseObject({
    ...decided.shape,
    /** The bytes that may be installed; absent from older events. */
    release: releaseSchema.nullish(),
  }),
});

export const pkgEndorsed = defineEvent({
  type: 'pkg.endorsed',
  publisher: 'aggregator',
  description: 'A person approved a package version, and the policy wants another person to do so as well.',
  schema: z.looseObject({
    purl: z.string(),
    lane: laneSchema,
    scope,
    assessmentId: z.uuid(),
    by: z.string(),
    reason: z.string(),
    /** People who have to approve it, the ones who did included. */
    approvers: z.number().int(),
    endorsedAt: timestamp,
  }),
});

export const pkgRejected = defineEvent({
  type: 'pkg.rejected',
  publisher: 'aggregator',
  description: 'The package version may not be installed.',
  schema: decided,
});

export const pkgRecalled = defineEvent({
  type: 'pkg.recalled',
  publisher: 'aggregator',
  description: 'An approval was taken back because of new facts; a person has to decide.',
  schema: decided,
});

export const pkgDecisionEnded = defineEvent({
  type: 'pkg.decision-ended',
  publisher: 'aggregator',
  description: 'A decision reached its end and holds no longer; the policy decides anew, or a person.',
  schema: z.looseObject({
    purl: z.string(),
    lane: laneSchema,
    scope,
    assessmentId: z.uuid(),
    /** The decision that held until then. */
    decision: decisionSchema,
    endedAt: timestamp,
  }),
});

export const pkgCancelled = defineEvent({
  type: 'pkg.cancelled',
  publisher: 'aggregator',
  description: 'Nobody waits for an assessment any more; stages drop it at their next safe point.',
  schema: z.looseObject({ ...assessmentFields, cancelledAt: timestamp }),
});

export const advisoriesImported = defineEvent({
  type: 'advisories.imported',
  publisher: 'scanner',
  description: 'A set of advisories was loaded, or found unchanged, or its refresh failed.',
  schema: z.looseObject({
    ecosystem: z.string(),
    /** `failed` keeps the set that was loaded before. */
    result: z.enum(['imported', 'unchanged', 'failed']),
    detail: z.string().nullable(),
    version: z.string().nullable(),
    recordCount: z.number().int(),
    source: z.string(),
    importedAt: timestamp.nullable(),
    checkedAt: timestamp,
  }),
});

/** Names of packages in one `advisories.changed`: with the longest names there are, some 45 KB. */
export const changedPackagesMax = 200;

export const advisoriesChanged = defineEvent({
  type: 'advisories.changed',
  publisher: 'scanner',
  description:
    'Advisories of packages came, changed or were withdrawn with an import. At most 200 packages an event.',
  schema: z.looseObject({
    ecosystem: z.string(),
    /** The set that has the changes. */
    version: z.string(),
    /** Names as the ecosystem compares them; null when the import changed too many to name: any may be affected. */
    packages: z.array(z.string()).nullable(),
    changedAt: timestamp,
  }),
});

export const auditRecorded = defineEvent({
  type: 'audit.recorded',
  publisher: 'aggregator, gateway, importer, notifier',
  description: 'A person or a program acted, or was denied to; the subject is what the act is about.',
  schema: z.looseObject({
    actor: z.string(),
    action: z.string(),
    outcome: z.enum(['done', 'denied']),
    /** Why, and what was there before and after; `omittedBytes` alone for one that is too large for an event. */
    detail: z.record(z.string(), z.unknown()),
  }),
});
