import { runService } from '@sluice/runtime';
import { licenseService } from './service.ts';

await runService(licenseService);
