import { expect, it } from 'vitest';
import { compareLicense } from './compare-license.ts';

it.each<[string | null, string[], 'agrees' | 'differs' | 'unknown']>([
  ['MIT', ['MIT'], 'agrees'],
  ['MIT', ['ISC'], 'differs'],
  ['MIT', [], 'unknown'],
  [null, ['MIT'], 'unknown'],
  ['MIT OR Apache-2.0', ['Apache-2.0'], 'agrees'],
  ['MIT OR Apache-2.0', ['MIT', 'Apache-2.0'], 'agrees'],
  ['MIT AND Apache-2.0', ['MIT', 'Apache-2.0'], 'agrees'],
  ['MIT AND Apache-2.0', ['MIT'], 'unknown'],
  // Notices of bundled code.
  ['MIT', ['BSD-3-Clause', 'MIT'], 'agrees'],
  ['MIT', ['MIT', 'GPL-3.0-only'], 'differs'],
  ['MIT', ['MIT', 'MPL-2.0'], 'differs'],
  ['MIT OR GPL-3.0-or-later', ['MIT', 'GPL-3.0-only'], 'agrees'],
  // The text cannot say "or later".
  ['GPL-2.0-or-later', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0-only', ['GPL-3.0-only'], 'differs'],
  ['LGPL-3.0-or-later', ['LGPL-3.0-only', 'GPL-3.0-only'], 'agrees'],
  ['LGPL-3.0-only', ['GPL-3.0-only'], 'differs'],
  ['LicenseRef-Company', ['MIT'], 'unknown'],
  ['MIT', ['MIT OR GPL-2.0-only'], 'differs'],
  ['MIT', ['LicenseRef-MIT-with-additional-terms'], 'differs'],
  ['MIT', ['MIT', 'LicenseRef-unrecognised-terms'], 'differs'],
  ['MIT', ['MIT', 'Hippocratic-2.1'], 'differs'],
  ['no expression', ['MIT'], 'unknown'],
  ['('.repeat(10_000), ['MIT'], 'unknown'],
])('%s with %j: %s', (declared, texts, expected) => {
  expect(
    compareLicense(
      declared,
      texts.map((expression) => ({ expression })),
    ),
  ).toBe(expected);
});
