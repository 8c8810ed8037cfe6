import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';

const runbook = await readFile(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
const generated = runbook.split('<!-- codes:start -->')[1]!.split('<!-- codes:end -->')[0]!;
const sections = new Map(
  generated
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`(.+)`/.exec(section)?.[1], section]),
);

it('the runbook has one section for each error code, in the order of the table', () => {
  expect([...sections.keys()]).toEqual(Object.keys(errorCodes));
});

it.each(Object.entries(errorCodes))('the runbook says cause, check and remedy of %s', (code, entry) => {
  const section = sections.get(code)!;
  expect(section).toContain(`_${entry.status}. ${entry.title}_`);
  for (const part of ['Cause', 'Check', 'Remedy']) {
    expect(section).toMatch(new RegExp(`^- \\*\\*${part}\\.\\*\\*\\s+\\S.{10}`, 'ms'));
  }
  // A runbook is read in a hurry.
  expect(section.trim().split('\n').length).toBeLessThan(16);
});
