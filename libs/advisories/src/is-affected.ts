import type { CompareVersions } from '@sluice/contracts';
import type { AdvisoryRange, AdvisoryRecord, RangeEvent } from './advisory-record.ts';

/**
 * Whether a version is affected: it is listed, or in one of the ranges. Withdrawn records affect nothing.
 * An event whose version cannot be read counts as if it widened the range: a gate errs on that side.
 * Source: OSV schema, "Evaluation", https://ossf.github.io/osv-schema/#evaluation
 */
export function isAffected(record: AdvisoryRecord, version: string, compare: CompareVersions): boolean {
  if (record.withdrawn) return false;
  if (record.versions.some((listed) => listed === version || compare(listed, version) === 0)) return true;
  return record.ranges.some((range) => isInRange(range, version, compare));
}

export function isInRange({ events }: AdvisoryRange, version: string, compare: CompareVersions): boolean {
  // A version that cannot be read is in no range; that it is listed was asked before.
  if (compare(version, version) === null) return false;
  const limits = events.flatMap((event) => ('limit' in event && event.limit !== '*' ? [event.limit] : []));
  const isUnlimited = limits.length === 0 || events.some((event) => 'limit' in event && event.limit === '*');
  if (!isUnlimited && !limits.some((limit) => (compare(version, limit) ?? -1) < 0)) return false;
  let affected = false;
  for (const event of sortEvents(events, compare)) {
    if ('introduced' in event && isFrom(event.introduced, version, compare)) affected = true;
    else if ('fixed' in event && (compare(version, event.fixed) ?? -1) >= 0) affected = false;
    else if ('last_affected' in event && (compare(version, event.last_affected) ?? -1) > 0) affected = false;
  }
  return affected;
}

/**
 * The smallest version above this one that the record calls fixed and that is not affected itself, or null.
 */
export function firstFixed(record: AdvisoryRecord, version: string, compare: CompareVersions): string | null {
  const fixes = record.ranges
    .flatMap(({ events }) => events)
    .flatMap((event) => ('fixed' in event ? [event.fixed] : []))
    .filter((fixed) => (compare(fixed, version) ?? -1) > 0 && !isAffected(record, fixed, compare));
  return fixes.toSorted((a, b) => compare(a, b) ?? 0)[0] ?? null;
}

function isFrom(introduced: string, version: string, compare: CompareVersions): boolean {
  return introduced === '0' || (compare(version, introduced) ?? 1) >= 0;
}

/** By version; "0" comes before everything, also before the pre-releases of 0.0.0. Equal versions keep their order. */
function sortEvents(events: readonly RangeEvent[], compare: CompareVersions): RangeEvent[] {
  return events.toSorted((a, b) => {
    const [left, right] = [versionOf(a), versionOf(b)];
    if (left === '0' || right === '0') return left === right ? 0 : left === '0' ? -1 : 1;
    return compare(left, right) ?? 0;
  });
}

function versionOf(event: RangeEvent): string {
  return Object.values(event)[0] as string;
}
