import type { CompareVersions } from '@sluice/contracts';

/** A version with a wildcard, as feeds have them: all versions that begin alike. */
export interface VersionFamily {
  /** The lowest of them; `0` for every version. */
  low: string;
  /** The first version above all of them; null when there is none. */
  end: string | null;
  /** Their common beginning without a separator at its end. */
  prefix: string;
}

const wildcard = /^[v=]?\s*(\d+(?:\.\d+)*)?(?:(?:^|[.-])(?:x|\*))+$/i;

/** Reads `2.0.x`, `1.3.0-*`, `*`; null for any other text. */
export function readFamily(text: string): VersionFamily | null {
  const match = wildcard.exec(text.trim());
  if (!match) return null;
  const prefix = match[1];
  if (prefix === undefined) return { low: '0', end: null, prefix: '' };
  const parts = prefix.split('.');
  const next = [...parts.slice(0, -1), String(BigInt(parts.at(-1)!) + 1n)];
  return { low: padded(parts), end: padded(next), prefix };
}

/** Whether a version is one of a family; its pre-releases are. */
export function isInFamily(version: string, family: VersionFamily, compare: CompareVersions): boolean {
  const { low, end, prefix } = family;
  if (end === null || version.startsWith(`${prefix}.`) || version.startsWith(`${prefix}-`)) return true;
  return (compare(version, low) ?? 0) >= 0 && (compare(version, end) ?? -1) < 0;
}

/**
 * Whether an order reads no further than the third number of a version, where `0.9.7.1` is read as `0.9.7`. The
 * version that is meant lies above the one that is read.
 */
export function isCut(text: string, compare: CompareVersions): boolean {
  const [, head, rest] = /^[v=]?(\d+\.\d+\.\d+)((?:\.\d+)+)$/.exec(text) ?? [];
  return head !== undefined && /[1-9]/.test(rest!) && compare(text, head) === 0;
}

function padded(parts: string[]): string {
  return [...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.');
}
