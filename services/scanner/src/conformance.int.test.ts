import { stageConformance } from '@sluice/testkit';
import { downloaded } from '../test/builders.ts';
import { unscannableReport } from '@sluice/inspection';
import { scanStage } from './stage.ts';

const { evidence } = downloaded();

await stageConformance(scanStage, {
  fields: { evidence },
  gathered: {
    scans: [{ report: unscannableReport('archive.empty', 'empty'), digest: null }],
    advisories: { status: 'missing', version: null, matches: [] },
    registered: null,
    rules: [],
    rulesVersion: 'test',
  },
});
