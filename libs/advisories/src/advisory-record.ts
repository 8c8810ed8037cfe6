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

const event = z.union([
  z.object({ introduced: z.string() }),
  z.object({ fixed: z.string() }),
  z.object({ last_affected: z.string() }),
  z.object({ limit: z.string() }),
]);
const severities = z.array(z.object({ type: z.string(), score: z.string() }));
const osvSchema = z.object({
  id: z.string().min(1).max(200),
  modified: z.string(),
  withdrawn: z.string().nullish(),
  aliases: z.array(z.string()).nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  severity: severities.nullish(),
  database_specific: z.looseObject({ severity: z.unknown() }).nullish().catch(null),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: z.string(), name: z.string() }).nullish(),
        severity: severities.nullish(),
        ranges: z.array(z.object({ type: z.string(), events: z.array(event) })).nullish(),
        versions: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});
type Osv = z.infer<typeof osvSchema>;
type OsvAffected = NonNullable<Osv['affected']>[number];

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
  for (const entry of osv.affected ?? []) {
    const stated = entry.package;
    const names = ecosystems.find(({ osvName }) => osvName !== null && osvName === stated?.ecosystem);
    if (!stated || !names) continue;
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
  const severity = [...(osv.severity ?? []), ...entries.flatMap((entry) => entry.severity ?? [])];
  const summary = osv.summary || osv.details || '';
  return {
    id: osv.id,
    modified: osv.modified,
    withdrawn: Boolean(osv.withdrawn),
    aliases: (osv.aliases ?? []).slice(0, aliasesMax),
    summary: summary.replace(/\s+/g, ' ').trim().slice(0, summaryLengthMax),
    vectors: severity
      .filter(({ type }) => type === 'CVSS_V3' || type === 'CVSS_V4')
      .map(({ score }) => score),
    rating: ratingOf(osv.database_specific?.severity),
    // Ranges of type GIT name commits, which a released version does not.
    ranges: entries
      .flatMap((entry) => entry.ranges ?? [])
      .filter(({ type }) => type === 'SEMVER' || type === 'ECOSYSTEM')
      .map(({ events }) => ({ events })),
    versions: [...new Set(entries.flatMap((entry) => entry.versions ?? []))],
  };
}

const ratings = new Map<string, Severity>([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['moderate', 'medium'],
  ['medium', 'medium'],
  ['low', 'low'],
]);

function ratingOf(text: unknown): Severity | null {
  return typeof text === 'string' ? (ratings.get(text.toLowerCase()) ?? null) : null;
}
