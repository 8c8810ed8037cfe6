import type { Intake } from '@sluice/intake';
import { readAddress } from './lockfiles/address.ts';
import { bunLockFormat } from './lockfiles/bun-lock.ts';
import { packageLockFormat } from './lockfiles/package-lock.ts';
import { pnpmLockFormat } from './lockfiles/pnpm-lock.ts';
import { npmSource } from './lockfiles/source.ts';
import { yarnBerryFormat } from './lockfiles/yarn-berry.ts';
import { yarnClassicFormat } from './lockfiles/yarn-classic.ts';
import { npmMarks } from './marks.ts';
import { npmNames } from './names.ts';

const manifest = 'It looks like a package.json: submit the package-lock.json beside it.';

export const npmIntake: Intake = {
  type: 'npm',
  names: npmNames,
  marks: npmMarks,
  installedFolders: ['node_modules', 'bower_components', 'jspm_packages'],
  shadows: { 'package-lock.json': 'npm-shrinkwrap.json' },
  archives: {
    archiveAt(address) {
      const read = readAddress(address);
      return read.kind === 'tarball' ? { name: read.name, version: read.version } : null;
    },
    sourceOf: npmSource,
    // `npm sbom` states the integrity of its lockfile, which may have no addresses.
    hashedBy: /^npm\/cli\b/,
  },
  formats: [packageLockFormat, pnpmLockFormat, yarnClassicFormat, yarnBerryFormat, bunLockFormat],
  others: [
    {
      pattern: /^#!\/usr\/bin\/env bun/,
      is: 'This is a bun.lockb: `bun install --save-text-lockfile` writes a bun.lock beside it.',
      isRemedy: true,
    },
    { has: ['name', 'version'], is: manifest, isRemedy: true },
    { has: ['dependencies'], is: manifest, isRemedy: true },
  ],
  reads:
    'Sluice reads package-lock.json, npm-shrinkwrap.json, yarn.lock, pnpm-lock.yaml and bun.lock: `npm install --package-lock-only` makes the first.',
};
