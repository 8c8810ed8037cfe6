import { availableParallelism } from 'node:os';
import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { createEgress } from '@sluice/egress';
import { assessments, inspectionChild } from '@sluice/ecosystems/assessment';
import { names } from '@sluice/ecosystems/names';
import { createInspector, readRulesVersion, type Assessment } from '@sluice/inspection';
import { openBus, serveCommand, sharedStoreId, startWithBroker, type Bus } from '@sluice/broker';
import { startOutboxRelay } from '@sluice/delivery';
import { openControls, startStage, type ControlWatch } from '@sluice/stages';
import { matchAdvisoriesCommand, type Names } from '@sluice/contracts';
import { openPostgres, type Sql } from '@sluice/postgres';
import { defineService, egressOptions, type ServiceContext } from '@sluice/runtime';
import { probeNetworkIsolation } from '@sluice/sandbox';
import { matchAllAdvisories } from './advisories/match-advisories.ts';
import { startAdvisoryRefresh } from './advisories/start-advisory-refresh.ts';
import { scannerConfig, type ScannerConfig } from './config.ts';
import { scannerMigrations, scannerSchema } from './migrations.ts';
import { scanStage } from './stage.ts';

/** The ecosystems whose packages are scanned. */
export interface ScannedEcosystems {
  assessments: readonly Assessment[];
  names: readonly Names[];
  /** The sandbox's program, which has their inspections. */
  inspectionChild: string;
}

export function scannerServiceOf(scanned: ScannedEcosystems) {
  return defineService<ScannerConfig>({
    name: 'scanner',
    config: scannerConfig,
    start: (context) => startScanner(context, scanned),
  });
}

export const scannerService = scannerServiceOf({ assessments, names, inspectionChild });

async function startScanner(
  context: ServiceContext<ScannerConfig>,
  scanned: ScannedEcosystems,
): Promise<void> {
  const { config, health, log, onStop, signal } = context;
  const artifacts = openArtifacts(context);
  const sql = await openPostgres(context, { schema: scannerSchema, migrations: scannerMigrations });

  const network = await probeNetworkIsolation();
  const inspector = createInspector({
    entry: scanned.inspectionChild,
    size: config.SCANNER_CHILDREN || availableParallelism(),
    cpuMs: config.SCAN_SECONDS * 1_000,
    network,
  });
  onStop('sandbox', () => inspector.close());
  // Both levels are safe enough to run; the operator should know which one holds.
  health.add('sandbox', async () => ({ ok: true, detail: `network isolation by ${network}` }));
  log.info({ network }, 'sandbox ready');

  const bus = await openBus(context, async (opened) =>
    agreeOnStore(artifacts, await sharedStoreId(opened), signal),
  );
  const controls = await startWithBroker(context, (part) => openControls(bus, part));
  const known = await Promise.all(
    scanned.assessments.map(async (one) => ({ ...one, rulesVersion: await readRulesVersion(one) })),
  );
  const ecosystems = new Map(known.map((one) => [one.type, one]));
  const assessed = scanned.names.filter(({ type }) => ecosystems.has(type));
  const limits = { ...scanStage.limits, concurrency: config.SCANNER_CONCURRENCY };
  const stage = { ...scanStage, limits };
  const deps = { sql, artifacts, inspector, ecosystems, names: scanned.names };
  await startWithBroker(context, (part) => startStage(bus, stage, deps, part, controls));
  serveCommand(bus, matchAdvisoriesCommand, (input) => matchAllAdvisories(sql, scanned.names, input), log);
  refreshInBackground(context, { bus, sql, controls, ecosystems: assessed });
}

function refreshInBackground(
  context: ServiceContext<ScannerConfig>,
  {
    bus,
    sql,
    controls,
    ecosystems,
  }: { bus: Bus; sql: Sql; controls: ControlWatch; ecosystems: readonly Names[] },
): void {
  const { config, log, onStop, signal } = context;
  // Also without a refresh: an import by hand leaves facts to publish.
  const relay = startOutboxRelay(bus, sql, 'scanner', context);
  if (config.ADVISORIES_URL === 'off') return;
  const egress = createEgress({
    ...egressOptions(config),
    trustedOrigins: [new URL(config.ADVISORIES_URL.replaceAll('{ecosystem}', 'all')).origin],
    paused: controls.whyPaused,
  });
  const refreshing = startAdvisoryRefresh({
    sql,
    egress,
    urlTemplate: config.ADVISORIES_URL,
    ecosystems,
    intervalMs: config.ADVISORIES_MINUTES * 60_000,
    log,
    signal,
    onFact: relay.notify,
  });
  onStop('advisory refresh', async () => {
    await refreshing;
    await egress.close();
  });
}
