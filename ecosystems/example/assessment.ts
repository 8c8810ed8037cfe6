import type { Assessment } from '@sluice/inspection';
import { readExampleManifest } from './manifest.ts';
import { otherName } from './rules/other-name.ts';

export const exampleAssessment: Assessment = {
  type: 'example',
  code: new URL('./', import.meta.url),
  readRegistered: ({ name, version }) =>
    readExampleManifest(`name: ${String(name)}\nversion: ${String(version)}`),
  rules: [otherName],
};
