import { runService } from '@sluice/runtime';
import { scanStage } from '@sluice/scanner';
import { scan, stageWithoutWork } from './no-work.ts';

await runService(stageWithoutWork(scanStage, () => ({ scan })));
