import { runService } from '@sluice/runtime';
import { projectorService } from './service.ts';

await runService(projectorService);
