import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rows, skippedRows } from './rows/index.ts';

const root = new URL('../', import.meta.url);
const [, ...sections] = readFileSync(new URL('docs/delivery.md', root), 'utf8').split(/^## /m);
const guarantees = sections.map((section) => ({
  heading: section.split('\n')[0]!,
  tests: [...(/^Tests: ([^]*?)\.$/m.exec(section)?.[1]?.matchAll(/`([^`]+)`/g) ?? [])].map(
    ([, file]) => file!,
  ),
  chaos: /^Chaos: (.+)\.$/m.exec(section)?.[1] ?? '',
}));
const rowsOf = (chaos: string) => (chaos.startsWith('none, ') ? [] : chaos.split(', ').map(Number));
const numbers = new Set([...rows, ...skippedRows].map(({ number }) => number));

it.each(guarantees)('the guarantee "$heading" names tests and chaos rows that exist', ({ tests, chaos }) => {
  expect(tests).not.toEqual([]);
  expect(tests.filter((file) => !file.endsWith('.test.ts') || !existsSync(new URL(file, root)))).toEqual([]);
  expect(chaos).not.toBe('');
  expect(rowsOf(chaos).filter((number) => !numbers.has(number))).toEqual([]);
});

it('each chaos row stands behind a guarantee', () => {
  const named = new Set(guarantees.flatMap(({ chaos }) => rowsOf(chaos)));
  expect([...numbers].filter((number) => !named.has(number))).toEqual([]);
});
