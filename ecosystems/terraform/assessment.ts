import type { Assessment } from '@sluice/inspection';
import { manifestIdentity } from './rules/manifest-identity.ts';
import { otherPlatform } from './rules/other-platform.ts';

export const terraformAssessment: Assessment = {
  type: 'terraform',
  code: new URL('./', import.meta.url),
  // Registries state nothing of the content of an archive.
  readRegistered: () => null,
  rules: [manifestIdentity, otherPlatform],
};
