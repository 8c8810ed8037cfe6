import { downloadStage } from '@sluice/downloader';
import { runService } from '@sluice/runtime';
import { download, stageWithoutWork } from './no-work.ts';

await runService(stageWithoutWork(downloadStage, (licensed) => ({ download, license: licensed.license })));
