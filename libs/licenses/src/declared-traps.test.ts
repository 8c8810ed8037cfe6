import { expect, test } from 'vitest';
import { normaliseDeclaredLicense } from './normalise-declared-license.ts';

/** Declarations of which a part must not be dropped, and abbreviations that must not be completed. */
test.each<[string, (string | null)[]]>([
  ['EUPL', [null]],
  ['European Union Public License', [null]],
  ['EUPL 1.1', ['EUPL-1.1']],
  ['BSL', [null]],
  ['BSL 1', [null]],
  ['BSL 1.1', ['BUSL-1.1', null]],
  ['BSL-1.0', ['BSL-1.0']],
  ['OSL', [null]],
  ['APL', [null]],
  ['MPL', [null]],
  ['MIT; Apache-2.0', ['MIT AND Apache-2.0', null]],
  ['MIT, ISC; BSD-3-Clause', ['MIT AND ISC AND BSD-3-Clause', null]],
  ['Apache-2.0 with Commons Clause', [null]],
  ['MIT + Commons Clause', [null]],
  ['Apache-2.0 (non-commercial)', [null]],
  ['MIT except for the fonts', [null]],
  ['MIT OR', [null]],
  ['OR MIT', [null]],
  ['MIT AND', [null]],
  ['MIT WITH', [null]],
  ['(MIT', [null]],
  ['MIT OR OR ISC', [null]],
  ['MIT /', [null]],
  ['ISC License', ['ISC']],
  ['The ISC License', ['ISC']],
  ['MIT License', ['MIT']],
])('%s', (declared, expected) => {
  expect(expected).toContain(normaliseDeclaredLicense(declared).expression);
});
