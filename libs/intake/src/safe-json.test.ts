import { PermanentError, jsonPointer } from '@sluice/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonKeysMax, parseSafeJson } from './safe-json.ts';

function faultOf(text: string): { code: string; pointer: string | undefined } {
  try {
    parseSafeJson(Buffer.from(text));
  } catch (error) {
    const { code, faults } = error as PermanentError;
    return { code, pointer: faults[0]?.pointer };
  }
  throw new Error(`${text} was taken.`);
}

describe('a fault in JSON', () => {
  it.each([
    ['a duplicate key', '{"a":1,"a":2}', 'input.unsafe-key', '/a'],
    [
      'a duplicate key further in',
      '{"a":{"b":[0,{"c":1}, {"d/e":1,"d/e":1}]}}',
      'input.unsafe-key',
      '/a/b/2/d~1e',
    ],
    ['a duplicate key after a nested value', '{"a":{"b":1},"a":1}', 'input.unsafe-key', '/a'],
    ['a prototype key', '{"x":[{"__proto__":1}]}', 'input.unsafe-key', '/x/0/__proto__'],
    ['NUL in a value', '{"a":1,"b":"x\\u0000y"}', 'input.not-json', '/b'],
    ['NUL in a list', '["a",["b","\\u0000"]]', 'input.not-json', '/1/1'],
    ['NUL in a key', '{"a":1,"\\u0000":1}', 'input.not-json', '/\u0000'],
    ['half a surrogate pair', '{"a":{"b":"\\ud800"}}', 'input.not-json', '/a/b'],
    ['NUL as the whole', '"\\u0000"', 'input.not-json', ''],
    ['too many levels', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'input.too-deep', `/a${'/0'.repeat(63)}`],
  ])('%s is named by its place', (_, text, code, pointer) => {
    expect(faultOf(text)).toEqual({ code, pointer });
  });

  it('is pointed at wherever it stands', () => {
    const path = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 8 });
    fc.assert(
      fc.property(path, fc.string(), (steps, key) => {
        fc.pre(![...steps, key].some((part) => part === '__proto__' || part === 'prototype'));
        const name = JSON.stringify(key);
        let text = `{"first":{"x":[1]}${key === 'first' ? '' : `,${name}:[{}]`},${name}:2}`;
        for (const step of steps.toReversed())
          text =
            typeof step === 'number'
              ? `[${'[{"z":0}],'.repeat(step)}${text}]`
              : `{ ${JSON.stringify(step)} : ${text}}`;
        expect(faultOf(text)).toEqual({
          code: 'input.unsafe-key',
          pointer: jsonPointer([...steps, key]),
        });
      }),
    );
  });
});

it('JSON of more keys than any lockfile has is refused before it is parsed', () => {
  const text = `{${Array.from({ length: jsonKeysMax + 1 }, (_, index) => `"${index}":0`).join(',')}}`;
  expect(faultOf(text).code).toBe('input.too-large');
});
