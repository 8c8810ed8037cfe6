import { trace } from '@opentelemetry/api';
import { defaultScope, pipeline, uuidV7, type Lane, type SubmissionItem } from '@sluice/contracts';
import { ensureConsumer, type Bus } from '@sluice/broker';
import { addToOutbox } from '@sluice/delivery';
import { stageDurable } from '@sluice/stages';
import { fileArtifactStore } from '@sluice/artifacts';
import { parsePolicy } from '@sluice/policy';
import type { Sql } from '@sluice/postgres';
import { createLogger } from '@sluice/runtime';
import { cleanDownload, cleanLicense, cleanRegistry, cleanScan, exampleEvent } from '@sluice/testkit';
import { tmpdir } from 'node:os';
import type { AggregatorDeps } from '../src/deps.ts';
import { admitBulk } from '../src/assessments/admit-bulk.ts';
import type { Wanted } from '../src/assessments/assess-packages.ts';
import { onEvidence } from '../src/assessments/on-evidence.ts';
import { openRequests, takeIn } from '../src/requests/take-in-requests.ts';
import type { Scopes } from '../src/scopes.ts';
import { transact } from '../src/transact.ts';

/** Dependencies of handlers in a test of the database alone: nothing is published, and no drops are announced. */
export function testDeps(sql: Sql, overrides: Partial<AggregatorDeps> = {}): AggregatorDeps {
  return {
    sql,
    artifacts: fileArtifactStore(tmpdir()),
    scopes: scopesOf({ [defaultScope]: 'version: 1\nname: default' }),
    log: createLogger('test', 'silent'),
    tracer: trace.getTracer('test'),
    published: () => {},
    wakeBulk: () => {},
    drop: async () => {},
    now: () => new Date(),
    stageDeadlineMs: 60_000,
    attemptsMax: 3,
    ...overrides,
  };
}

/** Scopes with their policies, as YAML. */
export function scopesOf(policies: Record<string, string>): Scopes {
  return new Map(Object.entries(policies).map(([scope, yaml]) => [scope, parsePolicy(yaml)]));
}

/** The bulk consumers of all stages, and those of the aggregator for what comes of them. */
export async function ensureStageConsumers(bus: Bus): Promise<void> {
  const stages = pipeline.map(({ service, consumes }) => [stageDurable(service, 'bulk'), consumes] as const);
  const results = ['pkg.scanned', 'pkg.failed', 'pkg.attempt-failed'].map(
    (type) => [`aggregator-${type.replace('.', '-')}-bulk`, type] as const,
  );
  for (const [durable, type] of [...stages, ...results]) {
    const filterSubject = `${type}.bulk`;
    await ensureConsumer(bus, { durable, filterSubject, ackWaitMs: 30_000, maxAckPending: 100 });
  }
}

/** Changes to clean evidence. */
export interface Findings {
  registry?: Parameters<typeof cleanRegistry>[0];
  license?: Parameters<typeof cleanLicense>[0];
  download?: Parameters<typeof cleanDownload>[0];
  scan?: Parameters<typeof cleanScan>[0];
}

/** A package version that is wanted in the bulk lane. */
export const wantedBy = (purl: string, scope: string = defaultScope): Wanted =>
  new Map([[purl, { lane: 'bulk', scopes: new Set([scope]) }]]);

/** Begins an assessment of a package version, without a request. @returns its id. */
export async function begin(sql: Sql, purl: string): Promise<string> {
  const id = uuidV7();
  await sql`insert into packages (purl) values (${purl}) on conflict do nothing`;
  await sql`
    insert into assessments (id, purl, lane, traceparent, requested_at, deadline_at)
    values (${id}, ${purl}, 'bulk', ${`00-${'4'.repeat(32)}-${'1'.repeat(16)}-01`}, now(), now())`;
  return id;
}

/** Brings all evidence of a running assessment. */
export async function bringEvidence(
  deps: AggregatorDeps,
  purl: string,
  assessmentId: string,
  findings: Findings = {},
): Promise<void> {
  const about = { assessmentId, purl, lane: 'bulk' as const, attempt: 1 };
  const evidence = {
    registry: cleanRegistry(findings.registry),
    license: cleanLicense(findings.license),
    download: cleanDownload(findings.download),
    scan: cleanScan(findings.scan),
  };
  const event = exampleEvent('pkg.scanned', { ...about, evidence });
  await onEvidence(deps)([{ event, traceparent: undefined, sequence: 1 }]);
}

/** An item of a request's list. */
export function testItem(name: string, changes: Partial<SubmissionItem> = {}): SubmissionItem {
  return {
    purl: `pkg:npm/${name}@1.0.0`,
    name,
    version: '1.0.0',
    pins: [],
    paths: [],
    pathCount: 1,
    dev: false,
    optional: false,
    bundled: false,
    direct: true,
    unassessable: null,
    notes: [],
    ...changes,
  };
}

/** Takes in a request with these items, as its event would be. @returns the request's id. */
export async function submitItems(
  deps: AggregatorDeps,
  items: SubmissionItem[],
  {
    lane = 'bulk',
    scope = defaultScope,
    batchId = null,
  }: { lane?: Lane; scope?: string; batchId?: string | null } = {},
): Promise<string> {
  const requestId = uuidV7();
  const submittedAt = deps.now().toISOString();
  const { data } = exampleEvent('request.submitted', {
    requestId,
    lane,
    scope,
    requester: 'test',
    submittedAt,
    batchId,
  });
  await transact(deps, 'test', async (tx) => {
    const request = { data, traceparent: undefined, items };
    await openRequests(tx, [request]);
    await addToOutbox(tx, await takeIn(tx, [{ ...request, round: 1 }], deps));
  });
  return requestId;
}

/** Begins all bulk work that waits. */
export async function admitAll(deps: AggregatorDeps): Promise<void> {
  let mayGoOn = true;
  while (mayGoOn) mayGoOn = await admitBulk(deps, 1_000_000);
}
