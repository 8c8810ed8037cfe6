import type { Assessment } from '@sluice/inspection';
import { registeredManifest } from './read-version.ts';
import { manifestIdentity } from './rules/manifest-identity.ts';
import { manifestMismatch } from './rules/manifest-mismatch.ts';
import { typosquat } from './rules/typosquat.ts';
import { wheelAlone } from './rules/wheel-alone.ts';

export const pypiAssessment: Assessment = {
  type: 'pypi',
  code: new URL('./', import.meta.url),
  readRegistered: registeredManifest,
  rules: [manifestIdentity, manifestMismatch, typosquat, wheelAlone],
};
