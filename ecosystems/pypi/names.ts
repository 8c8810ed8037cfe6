import type { Names } from '@sluice/contracts';
import { comparePypiVersions, isPypiVersion } from './versions.ts';

/** Letters, digits and single separators within. Source: PyPA, "Names and normalization". */
const namePattern = /^(?:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i;
/** The longest names on PyPI have about 80; the bound keeps hostile ones out of file names and addresses. */
const nameMaxChars = 214;

export const pypiNames: Names = {
  type: 'pypi',
  osvName: 'PyPI',
  // Source: PEP 503.
  canonicalName: (name) => name.toLowerCase().replace(/[-_.]+/g, '-'),
  isName: (name) => name.length <= nameMaxChars && namePattern.test(name),
  isVersion: isPypiVersion,
  compareVersions: comparePypiVersions,
};
