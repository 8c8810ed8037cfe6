import { runService } from '@sluice/runtime';
import { gateService } from './service.ts';

await runService(gateService);
