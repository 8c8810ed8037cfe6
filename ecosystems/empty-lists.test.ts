import { PermanentError } from '@sluice/contracts';
import { formatIds, parseSubmission } from '@sluice/intake';
import { expect, it } from 'vitest';
import { intakes } from './intake.ts';

/** Files without a package that their own tool reads as well, by format. */
const emptyFor: Record<string, readonly string[]> = {
  requirements: ['# c\n'],
  'pnpm-lock': ['lockfileVersion: 9\n'],
  'terraform-lock': ['# c\n'],
  'terraform-configuration': ['# c\n', 'a = 1\n'],
  purls: ['[]', '# c\n'],
};

it.each(formatIds(intakes))('%s: a file of another kind is no empty list', (format) => {
  const others = [
    '{}',
    '{"other": 1}',
    '[]',
    '{"lockfileVersion": 3}',
    '{"bomFormat": "CycloneDX"}',
    '{"Modules": {}}',
    '# c\n',
    '<a/>',
    '<?xml version="1.0"?><bom/>',
    'a: 1\n',
    'lockfileVersion: 9\n',
    'a = 1\n',
  ];
  const empty = others.filter((text) => {
    try {
      return parseSubmission(Buffer.from(text), { intakes, format }).items.length === 0;
    } catch (error) {
      expect(error).toBeInstanceOf(PermanentError);
      return false;
    }
  });
  expect(empty).toEqual(emptyFor[format] ?? []);
});
