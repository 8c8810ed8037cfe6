import { fileURLToPath } from 'node:url';
import { aggregatorService } from '@sluice/aggregator';
import { downloaderService } from '@sluice/downloader';
import { gateService } from '@sluice/gate';
import { gatewayService } from '@sluice/gateway';
import { importerService } from '@sluice/importer';
import { licenseService } from '@sluice/license';
import { notifierService } from '@sluice/notifier';
import { projectorService } from '@sluice/projector';
import { scannerService } from '@sluice/scanner';
import { stackService, type StackService } from './stack-service.ts';

const root = new URL('../../../', import.meta.url);

const entryOf = (name: string) => fileURLToPath(new URL(`services/${name}/dist/main.js`, root));

/**
 * All services in the order of their start: aggregator and projector come before the stages, and gate and gateway come last,
 * when all services behind them run. They stop in reverse. On a busy machine the stages yield: work then waits in a stage's
 * queue, which has lanes, and not for the aggregator or the projector, which have one order for all.
 */
export const stackServices: StackService[] = [
  stackService(aggregatorService, entryOf('aggregator')),
  stackService(projectorService, entryOf('projector')),
  stackService(licenseService, entryOf('license'), { yields: true }),
  stackService(downloaderService, entryOf('downloader'), { yields: true }),
  stackService(scannerService, entryOf('scanner'), { yields: true }),
  stackService(gateService, entryOf('gate')),
  stackService(importerService, entryOf('importer'), { yields: true }),
  stackService(notifierService, entryOf('notifier'), { yields: true }),
  stackService(gatewayService, entryOf('gateway')),
];
