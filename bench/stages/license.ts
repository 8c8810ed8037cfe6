import { licenseStage } from '@sluice/license';
import { runService } from '@sluice/runtime';
import { evidence, stageWithoutWork } from './no-work.ts';

const { registry, license } = evidence;
await runService(stageWithoutWork(licenseStage, () => ({ evidence: { registry, license } })));
