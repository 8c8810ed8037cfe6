import type { Names, Severity } from '@sluice/contracts';
import { z } from 'zod';

/** One advisory about one package, as it is kept. */
export interface AdvisoryRecord {
  id: string;
  modified: string;
  withdrawn: boolean;
  aliases: string[];
  summary: string;
  /** CVSS vectors. */
  vectors: string[];
  /** The severity that the database states in words; null when it states none. */
  rating: Severity | null;
  ranges: AdvisoryRange[];
  versions: string[];
}

export interface AdvisoryRange {
  events: RangeEvent[];
}

export type RangeEvent =
  { introduced: string } | { fixed: string } | { last_affected: string } | { limit: string };

/** The schema grows, and feeds err: a part that cannot be read is lost, and the rest of the record counts. */
const text = z.string().nullish().catch(null);
const texts = z
  .array(z.unknown())
  .catch([])
  .transform((list) => list.filter((one) => typeof one === 'string'));
const severities = listOf(z.object({ type: z.string(), score: z.string() }));
const osvSchema = z.object({
  id: z.string().min(1).max(200),
  modified: z.string().catch(''),
  withdrawn: text,
  aliases: texts,
  summary: text,
  details: text,
  severity: severities,
  database_specific: z.looseObject({ severity: z.unknown() }).nullish().catch(null),
  affected: listOf(
    z.object({
      package: z.object({ ecosystem: z.string(), name: z.string() }),
      severity: severities,
      ranges: listOf(z.object({ type: z.string().catch('unknown'), events: listOf(z.unknown()) })),
      versions: texts,
    }),
  ),
});

/** The items of a list that can be read; none of anything else. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((list) =>
      list.flatMap((one): z.infer<Item>[] => {
        const read = item.safeParse(one);
        return read.success ? [read.data] : [];
      }),
    );
}

type Osv = z.infer<typeof osvSchema>;
type OsvAffected = Osv['affected'][number];
type OsvRange = OsvAffected['ranges'][number];

const summaryLengthMax = 300;
const aliasesMax = 20;

export interface AdvisoryRow {
  /** OSV's name of it. */
  ecosystem: string;
  package: string;
  record: AdvisoryRecord;
}

/**
 * Reads one OSV record into a row per package.
 * Source: OSV schema 1.7, https://ossf.github.io/osv-schema/
 * @param ecosystems those whose records are wanted.
 * @returns null when it is no OSV record; an empty list when it is about other ecosystems.
 */
export function readOsvRecord(json: unknown, ecosystems: readonly Names[]): AdvisoryRow[] | null {
  const parsed = osvSchema.safeParse(json);
  if (!parsed.success) return null;
  const osv = parsed.data;
  const byPackage = new Map<string, { ecosystem: string; name: string; entries: OsvAffected[] }>();
  for (const entry of osv.affected) {
    const stated = entry.package;
    const names = ecosystems.find(({ osvName }) => osvName !== null && osvName === stated.ecosystem);
    if (!names) continue;
    const { ecosystem } = stated;
    const name = names.canonicalName(stated.name);
    const key = `${ecosystem} ${name}`;
    const known = byPackage.get(key) ?? { ecosystem, name, entries: [] };
    known.entries.push(entry);
    byPackage.set(key, known);
  }
  return [...byPackage.values()].map(({ ecosystem, name, entries }) => ({
    ecosystem,
    package: name,
    record: toRecord(osv, entries),
  }));
}

function toRecord(osv: Osv, entries: OsvAffected[]): AdvisoryRecord {
  const severity = [...osv.severity, ...entries.flatMap((entry) => entry.severity)];
  const summary = osv.summary || osv.details || '';
  return {
    id: osv.id,
    modified: osv.modified,
    withdrawn: Boolean(osv.withdrawn),
    aliases: osv.aliases.slice(0, aliasesMax),
    summary: summary.replace(/\s+/g, ' ').trim().slice(0, summaryLengthMax),
    vectors: severity
      .filter(({ type }) => type === 'CVSS_V3' || type === 'CVSS_V4')
      .map(({ score }) => score),
    rating: ratingOf(osv.database_specific?.severity),
    ranges: entries.flatMap(readRanges),
    versions: [...new Set(entries.flatMap((entry) => entry.versions))],
  };
}

/** All versions: what is left of an entry that says in no known way which ones. */
const everything: AdvisoryRange = { events: [{ introduced: '0' }] };

function readRanges({ ranges, versions }: OsvAffected): AdvisoryRange[] {
  const known = ranges.filter(({ type }) => type === 'SEMVER' || type === 'ECOSYSTEM');
  // Ranges of type GIT name commits, which a released version does not.
  const hasUnknown = ranges.some(({ type }) => !/^(?:SEMVER|ECOSYSTEM|GIT)$/.test(type));
  if (known.length === 0 && versions.length === 0) return hasUnknown ? [everything] : [];
  return known.map(readEvents);
}

const eventKeys = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

/** One event for each known key: older feeds have several in one object. A range that opens nowhere affects all below its end. */
function readEvents({ events }: OsvRange): AdvisoryRange {
  const read = events.flatMap((one): RangeEvent[] => {
    if (typeof one !== 'object' || one === null) return [];
    const fields = one as Record<string, unknown>;
    return eventKeys.flatMap((key) =>
      typeof fields[key] === 'string' ? [{ [key]: fields[key] } as unknown as RangeEvent] : [],
    );
  });
  const opens = read.some((event) => 'introduced' in event);
  return { events: opens ? read : [{ introduced: '0' }, ...read] };
}

const ratings = new Map<string, Severity>([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['moderate', 'medium'],
  ['medium', 'medium'],
  ['low', 'low'],
]);

function ratingOf(word: unknown): Severity | null {
  return typeof word === 'string' ? (ratings.get(word.toLowerCase()) ?? null) : null;
}
