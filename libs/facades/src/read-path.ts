import type { ErrorCode } from '@sluice/contracts';
import type { FacadeRoute } from './facade.ts';

/** Of the longest names with a version and a file; encoded, three times as much. */
const pathLengthMax = 2_048;

/**
 * The segments of a path. It is split before it is decoded, since `%2f` within a segment is no separator.
 * @returns null for a path that no client sends: too long, badly encoded, or with a part that stands for a folder.
 */
export function readPath(path: string): string[] | null {
  if (path.length > pathLengthMax) return null;
  try {
    const segments = path.replace(/^\//, '').split('/').map(decodeURIComponent);
    return segments.some((segment) => segment === '.' || segment === '..') ? null : segments;
  } catch {
    return null;
  }
}

export const refused = (code: ErrorCode, detail: string): FacadeRoute => ({ kind: 'refusal', code, detail });
