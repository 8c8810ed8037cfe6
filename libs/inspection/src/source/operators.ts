import { asText, fail, type Known } from './known-values.ts';

const patternLengthMax = 100;
/** Each part begins with another character, so that a pattern is read in one way only and in linear time. */
const simple = /^(?:\\.|\[[^\]]{1,80}\]|[^*+{}()|\\[\]?])+(?:[+*]|\{\d{1,2}(?:,\d{1,2})?\})?\$?$/;

/** Patterns that take linear time on any text: no repetition but at their end. */
export function simpleRegex({ pattern, flags }: { pattern: string; flags: string }): RegExp {
  return pattern.length <= patternLengthMax && simple.test(pattern) ? new RegExp(pattern, flags) : fail();
}

export function unary(operator: string, value: Known): Known {
  switch (operator) {
    case '-':
      return -Number(value);
    case '+':
      return Number(value);
    case '!':
      return !value;
    case '~':
      return ~Number(value);
    case 'typeof':
      return typeof value;
    case 'void':
      return undefined;
    default:
      return fail();
  }
}

const operations: Record<string, (a: number, b: number) => number | boolean> = {
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

export function binary(operator: string, a: Known, b: Known): Known {
  if (operator === '+') return typeof a === 'number' && typeof b === 'number' ? a + b : asText(a) + asText(b);
  if (operator === '===' || operator === '==') return a === b;
  if (operator === '!==' || operator === '!=') return a !== b;
  const operation = operations[operator];
  return operation ? operation(Number(a), Number(b)) : fail();
}
