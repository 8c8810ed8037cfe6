import { cleanRegistry, stageConformance } from '@sluice/testkit';
import { licenseStage } from './stage.ts';

const now = new Date().toISOString();

await stageConformance(licenseStage, {
  fields: { requestedAt: now, deadlineAt: now },
  gathered: {
    metadataDigest: `sha256:${'a'.repeat(64)}`,
    filesDigest: `sha256:${'b'.repeat(64)}`,
    tagsDigest: null,
    manifest: { ...cleanRegistry(), license: 'MIT', raw: {} },
  },
});
