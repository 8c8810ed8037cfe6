import { runService } from '@sluice/runtime';
import { aggregatorService } from './service.ts';

await runService(aggregatorService);
