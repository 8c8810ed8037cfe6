import { compare, valid } from '@renovatebot/pep440';
import type { Names } from '@sluice/contracts';

/** Letters, digits and single separators within. Source: PyPA, "Names and normalization". */
const namePattern = /^(?:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i;

export const pypiNames: Names = {
  type: 'pypi',
  osvName: 'PyPI',
  // Source: PEP 503.
  canonicalName: (name) => name.toLowerCase().replace(/[-_.]+/g, '-'),
  isName: (name) => namePattern.test(name),
  isVersion: (version) => valid(version) !== null,
  compareVersions: (a, b) => (valid(a) && valid(b) ? compare(a, b) : null),
};
