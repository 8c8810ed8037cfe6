import { setTimeout as delay } from 'node:timers/promises';
import type { WholeEvidence } from '@sluice/contracts';
import { openBus } from '@sluice/broker';
import { startStage, type AssessmentEventData, type StageDefinition } from '@sluice/stages';
import { commonConfig, defineService, integerField, type ServiceDefinition } from '@sluice/runtime';
import { z } from 'zod';
import { concurrency as usualConcurrency } from '../concurrency.ts';

const config = z.object({
  ...commonConfig,
  /** Messages in work at once. */
  BENCH_CONCURRENCY: integerField(1, 4_096, usualConcurrency),
  /** How long each message waits, as for a network; none when 0. */
  BENCH_WAIT_MS: integerField(0, 60_000, 0),
});

/** A stage with ready evidence in place of its work, so that only delivery is measured. */
export function stageWithoutWork<
  In extends AssessmentEventData,
  Deps,
  Gathered,
  Out extends AssessmentEventData,
>(
  stage: StageDefinition<In, Deps, Gathered, Out>,
  decide: StageDefinition<In, unknown, unknown, Out>['decide'],
): ServiceDefinition<z.infer<typeof config>> {
  return defineService({
    name: stage.service,
    config,
    async start(context) {
      const { BENCH_CONCURRENCY: concurrency, BENCH_WAIT_MS: waitMs } = context.config;
      const bus = await openBus(context);
      const { consumes, emits, name, service } = stage;
      const limits = { ...stage.limits, concurrency };
      const gather = async () => (waitMs > 0 ? delay(waitMs) : undefined);
      await startStage(bus, { name, service, consumes, emits, limits, gather, decide }, {}, context);
    },
  });
}

const digest = `sha256:${'a'.repeat(64)}`;

const identity = { file: 'example-1.0.0.tgz', kind: 'tarball', platform: null };

export const evidence: WholeEvidence = {
  registry: {
    publishedAt: '2024-01-01T00:00:00.000Z',
    firstSeenAt: null,
    withdrawn: null,
    repositoryUrl: null,
    publisher: null,
    runsAtInstall: [],
    previousRanAtInstall: null,
    gained: null,
    files: [
      {
        ...identity,
        url: 'https://registry.example/example/-/example-1.0.0.tgz',
        sizeBytes: null,
        hashes: [],
      },
    ],
    filesDigest: digest,
    metadataDigest: digest,
    producer: 'bench',
  },
  license: {
    declared: 'MIT',
    declaredForm: 'spdx',
    expression: 'MIT',
    confidence: 'high',
    producer: 'bench',
  },
  download: {
    files: [
      {
        ...identity,
        status: 'verified',
        detail: null,
        artifactDigest: digest,
        sizeBytes: 1,
        digests: { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) },
        verifiedWith: 'sha512',
        weak: false,
      },
    ],
    producer: 'bench',
  },
  scan: {
    files: [
      {
        file: identity.file,
        status: 'scanned',
        reason: null,
        detail: null,
        findings: [],
        findingsTotal: 0,
        licenseTexts: [],
        entryCount: 1,
        unpackedSizeBytes: 1,
        reportDigest: null,
      },
    ],
    advisories: { status: 'matched', version: 'v1', matches: [] },
    licenseAgreement: 'unknown',
    producer: 'bench',
  },
};
