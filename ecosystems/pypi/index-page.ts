import { boundedText, PermanentError, TransientError } from '@sluice/contracts';
import { parseJsonAnswer, UnusableAnswer } from '@sluice/registries';
import { z } from 'zod';

/** A file of a project as its index lists it. */
export interface IndexFile {
  file: string;
  /** As stated; may be relative to the page. */
  url: string;
  /** By algorithm, in lower-case hex. */
  hashes: Record<string, string>;
  requiresPython: string | null;
  sizeBytes: number | null;
  uploadedAt: string | null;
  /** The reason, empty where none is given; null for a file that was not yanked. */
  yanked: string | null;
  /** Whether its core metadata can be fetched beside it, and with which SHA-256. */
  coreMetadata: { sha256: string | null } | null;
  /** Where its attestations are; may be relative to the page. Null for none (PEP 740). */
  provenance: string | null;
}

export interface IndexPage {
  files: IndexFile[];
  /** State of the whole project, `quarantined`, with the reason; null where the index does not say (PEP 792). */
  status: { status: string; reason: string } | null;
}

/** A project with more is junk; the largest on PyPI have about 20,000. */
const filesMax = 100_000;
const fileNameMax = 300;
const reasonMax = 1_000;

const text = z.string().nullish().catch(null);
const hashes = z.record(z.string(), z.unknown()).catch({});
const metadataField = z.union([z.boolean(), hashes]).nullish().catch(null);

/** Fields of PEP 691 and 700. Anything unexpected in an optional field counts as absent. */
const fileSchema = z.looseObject({
  filename: z.string().min(1).max(fileNameMax),
  url: z.string().min(1),
  hashes,
  'requires-python': text,
  size: z.number().int().nonnegative().nullish().catch(null),
  'upload-time': text,
  yanked: z.union([z.boolean(), z.string()]).nullish().catch(true),
  'core-metadata': metadataField,
  'dist-info-metadata': metadataField,
  provenance: text,
});

const pageSchema = z.looseObject({
  files: z.array(z.unknown()).max(filesMax),
  'project-status': z
    .looseObject({ status: z.string().max(40), reason: text })
    .nullish()
    .catch(null),
});

/**
 * Reads a project's page of the simple API, as JSON (PEP 691) or HTML (PEP 503). A file whose entry cannot be read is left out.
 * @throws UnusableAnswer for a page that is none of an index.
 */
export function readIndexPage(bytes: Buffer): IndexPage {
  const start = bytes.subarray(0, 200).toString('utf8').trimStart();
  return start.startsWith('<') ? readHtml(bytes.toString('utf8')) : readJson(parseJsonAnswer(bytes));
}

function readJson(json: unknown): IndexPage {
  const parsed = pageSchema.safeParse(json);
  if (!parsed.success) {
    throw new UnusableAnswer(
      new PermanentError('registry.invalid-metadata', 'The registry sent JSON that is no page of a project.'),
    );
  }
  const { files, 'project-status': status } = parsed.data;
  return {
    files: files.flatMap((raw) => {
      const file = fileSchema.safeParse(raw);
      return file.success ? [toFile(file.data)] : [];
    }),
    status: status ? { status: status.status, reason: boundedText(status.reason ?? '', reasonMax) } : null,
  };
}

function toFile(raw: z.infer<typeof fileSchema>): IndexFile {
  const { yanked } = raw;
  return {
    file: raw.filename,
    url: raw.url,
    hashes: hexHashes(raw.hashes),
    requiresPython: raw['requires-python'] ?? null,
    sizeBytes: raw.size ?? null,
    uploadedAt: uploadTime(raw['upload-time']),
    yanked:
      yanked === false || yanked === undefined || yanked === null
        ? null
        : boundedText(yanked === true ? '' : yanked, reasonMax),
    coreMetadata: metadataOf(raw['core-metadata'] ?? raw['dist-info-metadata']),
    provenance: raw.provenance || null,
  };
}

function hexHashes(raw: Record<string, unknown>): Record<string, string> {
  const known = Object.entries(raw).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && /^[0-9a-f]{32,128}$/i.test(entry[1]),
  );
  return Object.fromEntries(known.map(([algorithm, hex]) => [algorithm.toLowerCase(), hex.toLowerCase()]));
}

function metadataOf(field: boolean | Record<string, unknown> | null | undefined): IndexFile['coreMetadata'] {
  if (!field) return null;
  return { sha256: field === true ? null : (hexHashes(field).sha256 ?? null) };
}

/** The first upload to PyPI is of 2003. */
const firstUpload = Date.UTC(2003, 0);

/** Null for anything but a full time since PyPI exists. */
function uploadTime(raw: string | null | undefined): string | null {
  if (typeof raw !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/.test(raw))
    return null;
  const parsed = new Date(raw);
  return parsed.getTime() >= firstUpload ? parsed.toISOString() : null;
}

/** Bounds instead of stars: a page without an end to its links must not cost time. */
const anchor = /<a\b((?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){1,800})>([^<]{1,400})<\/a\s*>/gi;
const attribute =
  /\b(href|data-requires-python|data-yanked|data-core-metadata|data-dist-info-metadata|data-provenance)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/gi;
const indexMark = /name=["']pypi:repository-version["']|<title>\s*(?:links for|simple index)/i;

/** A page of links and nothing else; pages of portals have neither the marks of an index nor links to distributions. */
function readHtml(html: string): IndexPage {
  const files = [...html.matchAll(anchor)].slice(0, filesMax).flatMap(([, attributes = '', label = '']) => {
    const stated = new Map(
      [...attributes.matchAll(attribute)].map(([, name = '', double, single]) => [
        name.toLowerCase(),
        unescape(double ?? single ?? ''),
      ]),
    );
    const file = unescape(label).trim();
    const href = stated.get('href');
    return href && isDistribution(file) ? [fromLink(file, href, stated)] : [];
  });
  if (files.length > 0 || indexMark.test(html)) return { files, status: null };
  throw new UnusableAnswer(
    new TransientError('registry.invalid-metadata', 'The registry sent a page that is none of an index.'),
  );
}

function isDistribution(file: string): boolean {
  return (
    file.length <= fileNameMax &&
    /^[^/\s]+\.(?:whl|zip|egg|exe|msi|rpm|t?(?:ar\.)?(?:gz|bz2|xz|lzma)|tgz|tar)$/i.test(file)
  );
}

function fromLink(file: string, href: string, stated: ReadonlyMap<string, string>): IndexFile {
  const [url = '', fragment = ''] = href.split('#');
  const [, algorithm, hex] = /^(\w+)=([0-9a-f]+)$/i.exec(fragment) ?? [];
  const metadata = stated.get('data-core-metadata') ?? stated.get('data-dist-info-metadata');
  const [, sha256] = /^sha256=([0-9a-f]{64})$/i.exec(metadata ?? '') ?? [];
  return {
    file,
    url,
    hashes: algorithm && hex ? hexHashes({ [algorithm]: hex }) : {},
    requiresPython: stated.get('data-requires-python') ?? null,
    sizeBytes: null,
    uploadedAt: null,
    yanked: stated.has('data-yanked') ? boundedText(stated.get('data-yanked')!, reasonMax) : null,
    coreMetadata:
      metadata === undefined || metadata === 'false' ? null : { sha256: sha256?.toLowerCase() ?? null },
    provenance: stated.get('data-provenance') || null,
  };
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#x27': "'" };

function unescape(html: string): string {
  return html.replaceAll(/&(lt|gt|amp|quot|#39|#x27);/gi, (_, name: string) => entities[name.toLowerCase()]!);
}
