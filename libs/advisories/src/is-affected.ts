import type { CompareVersions } from '@sluice/contracts';
import type { AdvisoryRange, AdvisoryRecord, RangeEvent } from './advisory-record.ts';
import { isCut, isInFamily, readFamily } from './version-bound.ts';

/**
 * Whether a version is affected: it is listed, or in one of the ranges. Withdrawn records affect nothing.
 * An event whose version cannot be read, or stands for several, counts as if it widened the range: a gate errs on that side.
 * Source: OSV schema, "Evaluation", https://ossf.github.io/osv-schema/#evaluation
 */
export function isAffected(record: AdvisoryRecord, version: string, compare: CompareVersions): boolean {
  if (record.withdrawn) return false;
  if (record.versions.some((listed) => isListed(listed, version, compare))) return true;
  return record.ranges.some((range) => isInRange(range, version, compare));
}

export function isInRange({ events }: AdvisoryRange, version: string, compare: CompareVersions): boolean {
  // A version that cannot be read is in no range; that it is listed was asked before.
  if (compare(version, version) === null) return false;
  const limits = events.flatMap((event) => ('limit' in event ? [event.limit] : []));
  if (limits.length > 0 && !limits.some((limit) => !isPast(limit, version, compare))) return false;
  let affected = false;
  for (const event of sortEvents(events, compare)) {
    if ('introduced' in event && isFrom(event.introduced, version, compare)) affected = true;
    else if ('fixed' in event && isPast(event.fixed, version, compare)) affected = false;
    else if ('last_affected' in event && isAbove(event.last_affected, version, compare)) affected = false;
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
    .filter((fixed) => readFamily(fixed) === null)
    .filter((fixed) => (compare(fixed, version) ?? -1) > 0 && !isAffected(record, fixed, compare));
  return fixes.toSorted((a, b) => compare(a, b) ?? 0)[0] ?? null;
}

function isListed(listed: string, version: string, compare: CompareVersions): boolean {
  if (listed === version) return true;
  const family = readFamily(listed);
  return family ? isInFamily(version, family, compare) : compare(listed, version) === 0;
}

function isFrom(introduced: string, version: string, compare: CompareVersions): boolean {
  const family = readFamily(introduced);
  if (family && isInFamily(version, family, compare)) return true;
  const low = family?.low ?? introduced;
  return low === '0' || (compare(version, low) ?? 1) >= 0;
}

/** Whether a version is at or above the first one that a bound leaves out. */
function isPast(bound: string, version: string, compare: CompareVersions): boolean {
  const family = readFamily(bound);
  if (family) return isAfter(family, version, compare);
  return (compare(version, bound) ?? -1) >= (isCut(bound, compare) ? 1 : 0);
}

function isAbove(last: string, version: string, compare: CompareVersions): boolean {
  const family = readFamily(last);
  return family ? isAfter(family, version, compare) : (compare(version, last) ?? -1) > 0;
}

function isAfter(
  family: NonNullable<ReturnType<typeof readFamily>>,
  version: string,
  compare: CompareVersions,
) {
  return !isInFamily(version, family, compare) && (compare(version, family.end!) ?? -1) >= 0;
}

/** By version; "0" comes before everything, also before the pre-releases of 0.0.0. Equal versions keep their order. */
function sortEvents(events: readonly RangeEvent[], compare: CompareVersions): RangeEvent[] {
  return events.toSorted((a, b) => {
    const [left, right] = [placeOf(a), placeOf(b)];
    if (left === '0' || right === '0') return left === right ? 0 : left === '0' ? -1 : 1;
    return compare(left, right) ?? 0;
  });
}

/** Where an event stands among the others: a family opens with its lowest version and closes after its highest. */
function placeOf(event: RangeEvent): string {
  const version = Object.values(event)[0] as string;
  const family = readFamily(version);
  if (!family) return version;
  return 'introduced' in event ? family.low : (family.end ?? version);
}
