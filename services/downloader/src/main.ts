import { runService } from '@sluice/runtime';
import { downloaderService } from './service.ts';

await runService(downloaderService);
