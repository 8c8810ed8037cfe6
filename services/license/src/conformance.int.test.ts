import { stageConformance } from '@sluice/testkit';
import { licenseStage } from './stage.ts';

const now = new Date().toISOString();

await stageConformance(licenseStage, {
  fields: { requestedAt: now, deadlineAt: now },
  gathered: {
    metadataDigest: `sha256:${'a'.repeat(64)}`,
    manifest: {
      license: 'MIT',
      raw: {},
      deprecated: null,
      publishedAt: null,
      installScripts: [],
      previousHadInstallScripts: null,
      repositoryUrl: null,
      dist: {
        tarballUrl: 'https://registry.example/example/-/example-1.0.0.tgz',
        integrity: null,
        shasum: null,
        unpackedSizeBytes: null,
        fileCount: null,
        signatures: 'not-available',
      },
    },
  },
});
