import fc from 'fast-check';

/** Text that once broke something, somewhere. */
const oddTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u001b[2J',
  '\u009b',
  'a\u202eb',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\uffff',
  '%00',
  '%2f',
  '%zz',
  '%',
  '..',
  '../../etc',
  '\\',
  "'; select 1 --",
  '$1',
  '{}',
  '__proto__',
  'null',
  '2147483648',
  '9223372036854775808',
  '1e400',
  'pkg:npm/a@%00',
  'pkg:npm/%2e%2e/a@1',
  'pkg:nope/a@1',
  'x'.repeat(3_000),
  '💥'.repeat(500),
];
export const oddText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);
/** Times that one of JavaScript, zod and Postgres takes, and another does not. */
export const oddTimes = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '-000001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '9999-12-31T23:59:59-14:00',
  '9999-12-31T23:59:59.999999999999Z',
  `2026-03-01T00:00:00.${'1'.repeat(200)}Z`,
  '2026-03-01T00:00:00+23:59',
  '2026-02-30T00:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01',
  'infinity',
];
/** Numbers as JSON has them, also those that JavaScript cannot hold. */
const oddNumbers = [
  '-1',
  '0',
  '1.5',
  '1e400',
  '-1e400',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  '1e-400',
];
export const oddJson = fc.oneof(
  oddText.map((text) => JSON.stringify(text)),
  fc.constantFrom(...oddNumbers, 'null', 'true', '[]', '{}', '[[]]', '{"a":{}}'),
  fc.json(),
  // More than a command may have, as all of a body.
  fc.constant(JSON.stringify('x'.repeat(20_000))),
  fc.constantFrom(20, 63, 64, 100, 3_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
);

/** A JSON object of fields whose values are JSON text already; null leaves a field out. */
export const objectText = (fields: ([string, string] | null)[]) =>
  `{${fields.flatMap((field) => (field ? [`${JSON.stringify(field[0])}:${field[1]}`] : [])).join(',')}}`;
