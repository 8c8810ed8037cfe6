import { asText, fail, type Known } from './known-values.ts';

/** Patterns that take linear time on any text: no repetition but at their end. */
export function simpleRegex({ pattern, flags }: { pattern: string; flags: string }): RegExp {
  const isSimple =
    /^(?:\\?[^*+{}()|\\[\]?]|\\[^\d]|\[[^\]]{1,80}\]|\.)+(?:[+*]|\{\d{1,2}(?:,\d{1,2})?\})?\$?$/.test(
      pattern,
    );
  return isSimple && pattern.length <= 100 ? new RegExp(pattern, flags) : fail();
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
