import { fileURLToPath } from 'node:url';
import { aggregatorService } from '@sluice/aggregator';
import { downloaderService } from '@sluice/downloader';
import { gatewayService } from '@sluice/gateway';
import { licenseService } from '@sluice/license';
import { projectorService } from '@sluice/projector';
import { scannerService } from '@sluice/scanner';
import { stackService, type StackService } from './stack-service.ts';

const root = new URL('../../../', import.meta.url);

const entryOf = (name: string) => fileURLToPath(new URL(`services/${name}/dist/main.js`, root));

/**
 * All services in the order of their start: who decides and who shows come before the stages, and the API comes last,
 * so that whatever answers it is there. They stop the other way round. On a busy machine work waits for a stage, whose
 * queue knows who waits for it, rather than for those who take note of it, who have one order for everybody.
 */
export const stackServices: StackService[] = [
  stackService(aggregatorService, entryOf('aggregator')),
  stackService(projectorService, entryOf('projector')),
  stackService(licenseService, entryOf('license'), { yields: true }),
  stackService(downloaderService, entryOf('downloader'), { yields: true }),
  stackService(scannerService, entryOf('scanner'), { yields: true }),
  stackService(gatewayService, entryOf('gateway')),
];
