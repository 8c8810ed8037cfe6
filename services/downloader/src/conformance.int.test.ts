import { stageConformance } from '@sluice/testkit';
import { downloadStage } from './stage.ts';

const digest = `sha256:${'a'.repeat(64)}`;

await stageConformance(downloadStage, {
  fields: {
    license: {
      declared: 'MIT',
      declaredForm: 'spdx',
      expression: 'MIT',
      confidence: 'high',
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
      metadataDigest: digest,
      producer: 'license/1',
    },
  },
  gathered: { status: 'missing' },
});
