import { PermanentError } from '@sluice/contracts';

/** An opaque place in a list: the sort key of the last row that was sent. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * @param length how many parts the key of this list has.
 * @throws PermanentError `input.invalid` for anything that this API did not hand out.
 */
export function decodeCursor(cursor: string | undefined, length: number): (string | number)[] | null {
  if (cursor === undefined) return null;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(key) &&
      key.length === length &&
      key.every((part) => ['string', 'number'].includes(typeof part));
    if (fits) return key as (string | number)[];
  } catch {
    // Falls through to the one answer for every cursor that is none.
  }
  throw new PermanentError('input.invalid', 'cursor: not one that this list handed out.');
}
