import { z } from 'zod';
import { pinSchema, readIntegrity } from './pins.ts';
import { statedPlatformsSchema } from './platforms.ts';
import { formatPurl, parsePurl } from './purl.ts';

/**
 * A parsed submission; the gateway stores it by digest as the request's list.
 * One item per package version and pin, however many places of the lockfile name it.
 */
export const submissionItemSchema = z.object({
  /** Set for items that can be assessed. */
  purl: z.string().nullable(),
  name: z.string(),
  version: z.string().nullable(),
  /** Hashes that the lockfile pins: a file of the package version has to have one; see `comparePins`. Empty: no pin. */
  pins: z.array(pinSchema),
  /** Places in the lockfile, for instance `node_modules/a/node_modules/b`; at most 20 are listed. */
  paths: z.array(z.string()),
  /** How many places there are in all. */
  pathCount: z.number().int(),
  /** Only reached through devDependencies. */
  dev: z.boolean(),
  /** Only reached through optionalDependencies: the installer may leave it out. */
  optional: z.boolean(),
  /** Shipped inside another package's archive: an installer does not fetch it by itself. */
  bundled: z.boolean(),
  /** The purl of the package version whose archive holds it; null or absent when it is not bundled. */
  bundledIn: z.string().nullish(),
  /** Named directly by the project, not by one of its dependencies. */
  direct: z.boolean(),
  /** Platforms on which the installer places it, leaving it out on others; null or absent: any, or the lockfile does not say. */
  platforms: statedPlatformsSchema.nullish(),
  /** Why it cannot be assessed; null when it can. */
  unassessable: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Things worth saying that do not stop the assessment. Those with a code of `sourceConcerns` are judged by the policy. */
  notes: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type SubmissionItem = z.infer<typeof submissionItemSchema>;

/** Notes on an item's place and pin that the policy has an outcome for; see `judgeItem`. */
export const sourceConcerns = [
  'source.unpinned',
  'source.contradiction',
  'source.own-lockfile',
  'integrity.unreadable',
] as const;
export type SourceConcern = (typeof sourceConcerns)[number];

export const submissionSchema = z.object({
  /** `npm-package-lock@3`. */
  format: z.string(),
  /** The project that the lockfile belongs to, where it says. */
  projectName: z.string().nullable(),
  /** Entries of the lockfile, before they were merged into items; the project itself is none. */
  entryCount: z.number().int(),
  items: z.array(submissionItemSchema),
});
export type Submission = z.infer<typeof submissionSchema>;

/** An item of a list that was stored before pins were hashes: one text, as the lockfile had it. */
const oldItemSchema = z.looseObject({
  integrity: z.string().nullable(),
  pins: z.undefined().optional(),
  notes: z.array(z.unknown()),
});

function upgradeItem(item: unknown): unknown {
  // Before the schema: a parse that fails costs as much as the item itself.
  if (typeof item !== 'object' || item === null || !('integrity' in item)) return item;
  const old = oldItemSchema.safeParse(item);
  if (!old.success) return item;
  const { integrity, notes, ...rest } = old.data;
  if (integrity === null) return { ...rest, pins: [], notes };
  const { pins, note } = readIntegrity(integrity);
  return { ...rest, pins, notes: note ? [...notes, note] : notes };
}

const storedSchema = submissionSchema.extend({
  items: z.array(z.preprocess(upgradeItem, submissionItemSchema)),
});

/**
 * Reads a stored list, also one of an older form. Lists of version 0.1 name npm packages in lower case in their purls,
 * also those with capitals; the name beside it was always kept as the lockfile has it, and makes the purl.
 * @throws ZodError for data that is no list.
 */
export function readSubmission(json: unknown): Submission {
  const submission = storedSchema.parse(json);
  return { ...submission, items: submission.items.map((item) => ({ ...item, purl: purlOf(item) })) };
}

/** Only the letters may differ: an item without a name of its own keeps the purl that it has. */
function purlOf({ purl, name, version }: SubmissionItem): string | null {
  if (!purl?.startsWith('pkg:npm/') || version === null) return purl;
  const named = formatPurl({ type: 'npm', name, version });
  return named.toLowerCase() === formatPurl(parsePurl(purl)).toLowerCase() ? named : purl;
}
