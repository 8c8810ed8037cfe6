import { expect, test } from 'vitest';
import { replaceSection } from './results-file.ts';

const before = '# What was measured\n\n## a\n\nold a\n\n## ab\n\nold ab\n';

test('a section takes the place of the one with the same name, and of no other', () => {
  expect(replaceSection(before, 'a', 'new a\n')).toBe(
    '# What was measured\n\n## a\n\nnew a\n\n## ab\n\nold ab\n',
  );
  expect(replaceSection(before, 'ab', 'new ab')).toBe(
    '# What was measured\n\n## a\n\nold a\n\n## ab\n\nnew ab\n',
  );
});

test('a section that is not there yet goes to the end', () => {
  expect(replaceSection('# What was measured\n', 'a', 'new')).toBe('# What was measured\n\n## a\n\nnew\n');
});

test('a result that is written twice is in the file once', () => {
  expect(replaceSection(replaceSection(before, 'c', 'c'), 'c', 'c')).toBe(replaceSection(before, 'c', 'c'));
});
