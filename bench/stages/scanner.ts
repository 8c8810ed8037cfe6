import { runService } from '@sluice/runtime';
import { scanStage } from '@sluice/scanner';
import { evidence, stageWithoutWork } from './no-work.ts';

const { scan } = evidence;
await runService(stageWithoutWork(scanStage, ({ evidence: before }) => ({ evidence: { ...before, scan } })));
