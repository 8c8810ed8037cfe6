import { downloadStage } from '@sluice/downloader';
import { runService } from '@sluice/runtime';
import { evidence, stageWithoutWork } from './no-work.ts';

const { download } = evidence;
await runService(
  stageWithoutWork(downloadStage, ({ evidence: before }) => ({ evidence: { ...before, download } })),
);
