import type { z } from '@hono/zod-openapi';
import { PermanentError, jsonPointer, type InputFault } from '@sluice/contracts';

/** More would not help anybody who reads them. */
const shownMax = 20;

/** Units of limits, by the kind of value. */
const units: Record<string, string> = { string: ' characters', array: ' entries' };

/** A fault in plain words; a schema's own words stay. */
function describeIssue(issue: z.core.$ZodIssue): string {
  if (!/^(?:Invalid|Too) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return `must ${units[issue.origin] ? 'have' : 'be'} at least ${issue.minimum}${units[issue.origin] ?? ''}`;
    case 'too_big':
      return `must ${units[issue.origin] ? 'have' : 'be'} at most ${issue.maximum}${units[issue.origin] ?? ''}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be of type ${issue.expected}`;
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `of the form ${issue.format}`}`;
    default:
      return issue.message;
  }
}

const formats: Record<string, string> = {
  datetime: 'a time such as 2026-03-01T09:30:00Z',
  uuid: 'a UUID such as 01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
};

/** Turns the faults that a schema found into an error, each with a pointer to its field. */
export function invalidInput(error: z.ZodError, place: NonNullable<InputFault['in']>): PermanentError {
  const faults = error.issues
    .flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, detail: describeIssue(issue) }];
      return issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'is not known here' }));
    })
    .slice(0, shownMax);
  const detail = faults.map(({ path, detail: why }) => `${path.map(String).join('.') || place}: ${why}`);
  return new PermanentError('input.invalid', detail.join('; '), {
    faults: faults.map(({ path, detail: why }) => ({ in: place, pointer: jsonPointer(path), detail: why })),
  });
}
