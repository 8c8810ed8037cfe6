import { runService } from '@sluice/runtime';
import { gatewayService } from './service.ts';

await runService(gatewayService);
