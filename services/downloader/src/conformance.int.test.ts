import { cleanRegistry, evidenceUpTo, stageConformance } from '@sluice/testkit';
import { downloadStage } from './stage.ts';

const [file] = cleanRegistry().files;

await stageConformance(downloadStage, {
  fields: { evidence: evidenceUpTo('license') },
  gathered: [{ file: file!, download: { status: 'missing' } }],
});
