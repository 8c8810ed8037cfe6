import { expect, test } from 'vitest';
import { parseStat } from './process-usage.ts';

test('fields of a process are counted from behind its name, whatever that holds', () => {
  const times = '100 20 3 1';
  const line = `42 (a) S 7 (b) R 17 42 42 0 -1 4194560 1 2 3 4 ${times} 20 0 1 0`;
  expect(parseStat(line)).toEqual({ parentPid: 17, cpuMs: 1_240 });
});
