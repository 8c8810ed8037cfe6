import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { aggregatorService } from '@sluice/aggregator';
import { downloaderServiceOf } from '@sluice/downloader';
import { gatewayServiceOf } from '@sluice/gateway';
import { licenseServiceOf } from '@sluice/license';
import { projectorService } from '@sluice/projector';
import { createLogger, startService, type RunningService, type ServiceDefinition } from '@sluice/runtime';
import { scannerServiceOf } from '@sluice/scanner';
import { buildProgram, testNats, testPostgres, waitFor, zipOf } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assessments } from '../ecosystems/assessment.ts';
import { exampleAssessment } from '../ecosystems/example/assessment.ts';
import { startFakeExampleRegistry } from '../ecosystems/example/fake/start-fake-registry.ts';
import { exampleIntake } from '../ecosystems/example/intake.ts';
import { exampleNames } from '../ecosystems/example/names.ts';
import { exampleClient } from '../ecosystems/example/registry.ts';
import { intakes } from '../ecosystems/intake.ts';
import { names } from '../ecosystems/names.ts';
import { registryClients } from '../ecosystems/registry.ts';

/** All services, with one ecosystem more in the list of each facet. */
const nats = await testNats();
const postgres = await testPostgres();
const registry = await startFakeExampleRegistry();
const child = await buildProgram(new URL('../ecosystems/example/child.ts', import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-example-'));
const services: RunningService[] = [];
let api: string;

beforeAll(async () => {
  const advisory = {
    id: 'EX-1',
    modified: '2026-01-01T00:00:00Z',
    affected: [
      {
        package: { ecosystem: 'Example', name: 'Acme/Flawed' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: 'r2' }, { fixed: 'r10' }] }],
      },
    ],
    database_specific: { severity: 'CRITICAL' },
  };
  registry.serve('/Example/all.zip', zipOf({ 'EX-1.json': JSON.stringify(advisory) }));
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: postgres.url,
    ARTIFACTS_DIR: folder,
    HTTP_PORT: '0',
    ACCESS: 'open',
    REGISTRIES: JSON.stringify({ example: { url: registry.url } }),
    ADVISORIES_URL: `${registry.url}/{ecosystem}/all.zip`,
  };
  const start = async <Config>(service: ServiceDefinition<Config>) =>
    void services.push(
      await startService(service, env, {
        log: createLogger(service.name, 'info', {
          write(line: string) {
            const entry = JSON.parse(line) as { msg: string; url?: string };
            if (entry.msg === 'listening' && service.name === 'gateway') api = entry.url!;
          },
        }),
      }),
    );
  const clients = [...registryClients, exampleClient];
  await start(aggregatorService);
  await start(projectorService);
  await start(licenseServiceOf(clients));
  await start(downloaderServiceOf(clients));
  await start(
    scannerServiceOf({
      assessments: [...assessments, exampleAssessment],
      names: [...names, exampleNames],
      inspectionChild: child,
    }),
  );
  await start(gatewayServiceOf([...intakes, exampleIntake]));
  const sql = postgres.connect('scanner');
  await waitFor(
    async () => (await sql`select 1 from advisory_sets where ecosystem = 'Example'`).length === 1,
  );
});
afterAll(async () => {
  for (const service of services.toReversed()) await service.stop();
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask<Answer>(route: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${api}${route}`, init);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

it('an ecosystem that is one folder goes from a lockfile to verdicts', async () => {
  const { integrity } = registry.publish({ name: 'acme/clean', version: 'r1' });
  registry.publish({ name: 'acme/flawed', version: 'r9' });
  registry.publish({ name: 'acme/flawed', version: 'r10' });
  registry.publish({ name: 'acme/starter', version: 'r1', start: 'run me' });
  registry.publish({ name: 'acme/pinned', version: 'r1' });
  const lockfile = [
    '# example lockfile',
    `Acme/Clean r1 ${integrity}`,
    'acme/flawed r9',
    'acme/flawed r10',
    'acme/starter r1',
    `acme/pinned r1 ${integrity}`,
    'acme/nowhere r1',
  ].join('\n');
  const { id } = await ask<{ id: string }>('/v1/requests', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: lockfile,
  });
  await waitFor(async () => (await ask<{ state: string }>(`/v1/requests/${id}`)).state === 'completed', {
    timeoutMs: 30_000,
  });
  const { items } = await ask<{
    items: { purl: string; outcome: string; reasons: { code: string }[]; failure: { code: string } | null }[];
  }>(`/v1/requests/${id}/items`);
  expect(
    Object.fromEntries(
      items.map((item) => [
        item.purl,
        `${item.outcome} ${item.failure?.code ?? item.reasons.map(({ code }) => code).join(' ')}`.trim(),
      ]),
    ),
  ).toEqual({
    'pkg:example/acme/clean@r1': 'approve',
    'pkg:example/acme/flawed@r9': 'review advisory.critical',
    'pkg:example/acme/flawed@r10': 'approve',
    'pkg:example/acme/starter@r1': 'review malware.suspected',
    'pkg:example/acme/pinned@r1': 'reject integrity.mismatch',
    'pkg:example/acme/nowhere@r1': 'failed registry.version-not-found',
  });
}, 60_000);
