import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse, type AnyNode } from 'acorn';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outlineOf } from './outline.ts';
import { pushChildren } from '../walk.ts';

const bodiesOf = (text: string) => {
  const outline = outlineOf(text);
  return outline && outline.starts.map((start, index) => text.slice(start, outline.ends[index]));
};

describe('the bodies of functions', () => {
  test.each<[string, string[]]>([
    ['function a(b) {1}', ['1']],
    ['const a = async (b) => {1}; const c = d => {2}', ['1', '2']],
    ['class A extends B { static #x = 1; get c() {1} async *[d](e = {}) {2} }', ['1', '2']],
    ['if (a) {1} else {2} for (;;) {3} while (b) {4} switch (c) {} try {5} catch (d) {6} with (e) {7}', []],
    ['const a = { b() {1}, c: function () {2}, d: 3 }', ['1', '2']],
    ['(function () {function b() {1}})()', ['function b() {1}', '1']],
    ["a(function () {'}'})", ["'}'"]],
    ['a(() => {`}${b(() => {1})}{`})', ['`}${b(() => {1})}{`', '1']],
    ['a(() => {/[/}]{/.test(b)})', ['/[/}]{/.test(b)']],
    ['a(() => {b / c}) / d', ['b / c']],
    ['a(() => {(b) / c; if (d) /}/.test(e)})', ['(b) / c; if (d) /}/.test(e)']],
    ['a(() => {b++ / c; d.return / e; return /}/})', ['b++ / c; d.return / e; return /}/']],
    ['a(() => {// }\n/* } */})', ['// }\n/* } */']],
    ['a.if(b, () => {1}) // ends.\nif (c) {2}', ['1']],
    ['[...new A(() => {1})]', ['1']],
    ['{} /}/.test(a)', []],
    ['x = {} / 2', []],
  ])('of %s', (text, bodies) => {
    expect(bodiesOf(text)).toEqual(bodies);
  });

  test.each([
    ['a bracket that is not closed', 'a(() => {'],
    ['a bracket of another kind', 'a(() => {)}'],
    ['a text that is not closed', `a('\n')`],
    ['a slash behind a function', 'x = function () {} / 2'],
    ['an escape in a name', String.raw`\u0061()`],
    ['a comment of HTML', 'a <!-- {'],
  ])('are not known of %s', (_name, text) => {
    expect(bodiesOf(text)).toBeNull();
  });
});

test.each(['acorn', 'semver', 'zod', 'yaml', 'yauzl', 'fast-check'])(
  'a parser finds the same functions in %s',
  (name) => {
    const text = readFileSync(createRequire(import.meta.url).resolve(name), 'utf8');
    const outline = outlineOf(text)!;
    const found = outline.starts.map((start, index) => `${start}-${outline.ends[index]}`);
    expect(found).toEqual(parsedBodies(text));
  },
);

function parsedBodies(text: string): string[] {
  const program = parse(text, { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true });
  const found: { start: number; end: number }[] = [];
  const stack: AnyNode[] = [program];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (/Function/.test(node.type) && 'body' in node) {
      const { type, start, end } = node.body as AnyNode;
      if (type === 'BlockStatement') found.push({ start: start + 1, end: end - 1 });
    }
    pushChildren(node, stack);
  }
  return found.toSorted((a, b) => a.start - b.start).map(({ start, end }) => `${start}-${end}`);
}

const piece = fc.constantFrom(
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '`',
  '${',
  '"',
  "'",
  '/',
  '*',
  '\\',
  '\n',
  '=>',
  'function ',
  'a',
  ' ',
  '<!--',
  '.',
);

test('any text gives functions within each other, or none', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      const outline = outlineOf(text);
      if (!outline) return;
      outline.starts.forEach((start, index) => {
        const end = outline.ends[index]!;
        const parent = outline.parents[index]!;
        expect(text[start - 1]).toBe('{');
        expect(text[end]).toBe('}');
        if (parent >= 0) expect(start > outline.starts[parent]! && end < outline.ends[parent]!).toBe(true);
      });
    }),
    { numRuns: 500 },
  );
});
