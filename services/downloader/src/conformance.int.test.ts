import { cleanLicense, stageConformance } from '@sluice/testkit';
import { downloadStage } from './stage.ts';

await stageConformance(downloadStage, {
  fields: { license: cleanLicense() },
  gathered: { status: 'missing' },
});
