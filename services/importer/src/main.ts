import { runService } from '@sluice/runtime';
import { importerService } from './service.ts';

await runService(importerService);
