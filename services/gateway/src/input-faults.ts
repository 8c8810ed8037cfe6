import type { z } from '@hono/zod-openapi';
import { PermanentError, jsonPointer, type InputFault } from '@sluice/contracts';

/** More would not help anybody who reads them. */
const shownMax = 20;

/** Turns the faults that a schema found into an error, each with a pointer to its field. */
export function invalidInput(error: z.ZodError, place: NonNullable<InputFault['in']>): PermanentError {
  const faults = error.issues
    .flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, detail: issue.message }];
      return issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'is not known here' }));
    })
    .slice(0, shownMax);
  const detail = faults.map(({ path, detail: why }) => `${path.map(String).join('.') || place}: ${why}`);
  return new PermanentError('input.invalid', detail.join('; '), {
    faults: faults.map(({ path, detail: why }) => ({ in: place, pointer: jsonPointer(path), detail: why })),
  });
}
