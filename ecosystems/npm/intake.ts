import type { Intake } from '@sluice/intake';
import { packageLockFormat } from './lockfiles/package-lock.ts';

const manifest = 'It looks like a package.json: submit the package-lock.json beside it.';

export const npmIntake: Intake = {
  type: 'npm',
  formats: [packageLockFormat],
  others: [
    { pattern: /^# yarn lockfile v1$/m, is: 'This is a yarn.lock of Yarn 1.' },
    { pattern: /^__metadata:/m, is: 'This is a yarn.lock of Yarn 2 or newer.' },
    { pattern: /^lockfileVersion:/m, is: 'This is a pnpm-lock.yaml.' },
    { pattern: /^#!\/usr\/bin\/env bun/, is: 'This is a bun.lockb.' },
    { pattern: /^\s*\{\s*"lockfileVersion":\s*\d+,[^]*"workspaces":/, is: 'This is a bun.lock.' },
    { has: ['lockfileVersion', 'workspaces'], is: 'This is a bun.lock.' },
    { has: ['name', 'version'], is: manifest, isRemedy: true },
    { has: ['dependencies'], is: manifest, isRemedy: true },
  ],
  reads:
    'Sluice reads package-lock.json and npm-shrinkwrap.json: `npm install --package-lock-only` makes one.',
};
