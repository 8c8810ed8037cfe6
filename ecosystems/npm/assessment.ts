import type { Assessment } from '@sluice/inspection';
import { readPackageManifest } from './manifest.ts';
import { gainedDependency } from './rules/gained-dependency.ts';
import { installScriptNew } from './rules/install-script-new.ts';
import { manifestIdentity } from './rules/manifest-identity.ts';
import { manifestMismatch } from './rules/manifest-mismatch.ts';
import { publisherNew } from './rules/publisher-new.ts';
import { typosquat } from './rules/typosquat.ts';

export const npmAssessment: Assessment = {
  type: 'npm',
  code: new URL('./', import.meta.url),
  readRegistered: readPackageManifest,
  rules: [gainedDependency, installScriptNew, manifestIdentity, manifestMismatch, publisherNew, typosquat],
};
