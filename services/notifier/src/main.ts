import { runService } from '@sluice/runtime';
import { notifierService } from './service.ts';

await runService(notifierService);
