import { PermanentError, type Submission } from '@sluice/contracts';
import { describeOtherFile } from './describe-other-file.ts';
import { filesBeside, withoutByteOrderMark } from './files-beside.ts';
import { documentFormats } from './documents/document-formats.ts';
import type { FileKind, Intake, SubmittedFile } from './format.ts';
import { leaveOut } from './leave-out.ts';
import { parseSafeJson } from './safe-json.ts';

/** Package versions in one submission, at most. */
const itemsMax = 20_000;

export interface IntakeOptions {
  /** One per ecosystem; the first format that fits a file reads it. */
  intakes: readonly Intake[];
  /**
   * Addresses that packages may come from without a pin: those of the configured registry, and others that stand for
   * it, each with a slash at its end. Without any, every address in a lockfile counts as a strange one.
   * @param type purl type.
   */
  registriesOf?: (type: string, name: string) => readonly string[];
  /** Platforms that are installed on, for instance `linux-x64`; none stands for all of them. */
  platforms?: readonly string[];
  /** Name of the file, with or without folders: it counts where the content does not tell the format. */
  filename?: string | null;
  /**
   * Texts that were submitted together with the file, by their paths from one root, from which `filename` is a path as well.
   * A file may name them.
   */
  files?: ReadonlyMap<string, Uint8Array>;
  /** Is told the path of each of them that the file includes. */
  onIncluded?: (path: string) => void;
  /** The format as a person names it, which overrules content and name: an id of `formatIds`, or a file's name. */
  format?: string | null;
}

/** A kind of file with its reader, whether of an ecosystem or of several. */
interface Reader extends FileKind {
  read(file: SubmittedFile): Submission;
}

/** Names by which people name the formats that are read, each once. */
export function formatIds(intakes: readonly Intake[]): string[] {
  const kinds: FileKind[] = [...intakes.flatMap(({ formats }) => formats), ...documentFormats];
  return [...new Set(kinds.map(({ id }) => id))];
}

/** Whether a file is a document, such as an SBOM, which no installer reads. False for one that cannot be read. */
export function isDocument(bytes: Uint8Array, options: IntakeOptions): boolean {
  const id = formatOf(bytes, options);
  return documentFormats.some((format) => format.id === id);
}

/** The format that a file is read as, by the name that people give it; null for a file that is not recognised. */
export function formatOf(bytes: Uint8Array, options: IntakeOptions): string | null {
  try {
    return findReader(fileOf(bytes, options), options).id;
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/**
 * Reads a submitted file, whichever of the known formats it has. A byte-order mark is skipped, as package managers do. What
 * is for other platforms than those given stays in the list, marked as such.
 * @throws PermanentError with an `input.*`, `lockfile.*` or `purl.*` code that names the fault and the remedy.
 */
export function parseSubmission(bytes: Uint8Array, options: IntakeOptions): Submission {
  const file = fileOf(bytes, options);
  const submission = findReader(file, options).read(file);
  return { ...submission, items: leaveOut(submission.items, options.platforms ?? []) };
}

function fileOf(bytes: Uint8Array, { filename, files, onIncluded }: IntakeOptions): SubmittedFile {
  const content = withoutByteOrderMark(bytes);
  const beside = filesBeside(filename ?? null, files ?? new Map(), onIncluded);
  return { content, name: baseName(filename), ...readJson(content), beside };
}

/** The reader by the format that was named, by the content, or by the file's name, in this order. */
function findReader(file: SubmittedFile, options: IntakeOptions): Reader {
  const readers = readersOf(options);
  if (options.format) return readerNamed(options.format, file, readers);
  const byContent = readers.find((reader) => reader.fits(file));
  if (byContent) return byContent;
  const other = describeOtherFile(file, options.intakes);
  const { name } = file;
  const byName = name === null ? undefined : readers.find(({ fileName }) => fileName.test(name));
  if (other === null && byName) return byName;
  if (other === null && file.jsonFault !== null) throw file.jsonFault;
  throw new PermanentError(
    'lockfile.unknown-format',
    other ?? 'The file is not a lockfile or list of packages that Sluice reads.',
    { cause: file.jsonFault },
  );
}

function readersOf({ intakes, registriesOf = () => [] }: IntakeOptions): Reader[] {
  const ofEcosystems = intakes.flatMap(({ type, formats }) => {
    const options = { itemsMax, registriesOf: (name: string) => registriesOf(type, name) };
    return formats.map((format) => readerOf(format, (file) => format.parse(file, options)));
  });
  const options = { itemsMax, intakes, registriesOf };
  return [
    ...ofEcosystems,
    ...documentFormats.map((format) => readerOf(format, (file) => format.parse(file, options))),
  ];
}

function readerOf(kind: FileKind, read: Reader['read']): Reader {
  return { id: kind.id, fileName: kind.fileName, fits: (file) => kind.fits(file), read };
}

/** Of several kinds of one name, such as both of yarn.lock, the one that fits the content. */
function readerNamed(format: string, file: SubmittedFile, readers: Reader[]): Reader {
  const named = readers.filter(({ id, fileName }) => id === format || fileName.test(format));
  const found = named.find((reader) => reader.fits(file)) ?? named[0];
  if (found) return found;
  const known = [...new Set(readers.map(({ id }) => id))].join(', ');
  const detail = `must be one of ${known}`;
  throw new PermanentError('input.invalid', `format: ${detail}.`, {
    faults: [{ pointer: '/format', detail }],
  });
}

/** The content as JSON, and the error that says why it is none. */
function readJson(content: Uint8Array): Pick<SubmittedFile, 'json' | 'jsonFault'> {
  try {
    return { json: parseSafeJson(content), jsonFault: null };
  } catch (error) {
    if (error instanceof PermanentError) return { json: undefined, jsonFault: error };
    throw error;
  }
}

function baseName(filename: string | null | undefined): string | null {
  return filename?.split(/[/\\]/).at(-1) ?? null;
}
