import { expect, it } from 'vitest';
import { jsonPointer } from './json-pointer.ts';

it.each<[PropertyKey[], string]>([
  [[], ''],
  [['reason'], '/reason'],
  [['sequences', 0], '/sequences/0'],
  [['a/b', 'm~n', ''], '/a~1b/m~0n/'],
])('%j is addressed as %s', (path, pointer) => {
  expect(jsonPointer(path)).toBe(pointer);
});
