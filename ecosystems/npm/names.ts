import type { Names } from '@sluice/contracts';
import { isExactVersion, isNpmName } from './name.ts';
import { compareVersions } from './versions.ts';

/**
 * npm's names are case-sensitive: `JSONStream` and `jsonstream` are two packages, and so they are in the purl
 * specification since May 2026.
 */
export const npmNames: Names = {
  type: 'npm',
  osvName: 'npm',
  canonicalName: (name) => name,
  isName: isNpmName,
  isVersion: isExactVersion,
  compareVersions,
};
