import { runService } from '@sluice/runtime';
import { scannerService } from './service.ts';

await runService(scannerService);
