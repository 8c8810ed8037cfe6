import { licenseStage } from '@sluice/license';
import { runService } from '@sluice/runtime';
import { license, stageWithoutWork } from './no-work.ts';

await runService(stageWithoutWork(licenseStage, () => ({ license })));
