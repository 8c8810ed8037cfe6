import { setImmediate as yieldToOthers } from 'node:timers/promises';
import {
  PermanentError,
  TransientError,
  boundedText,
  errorCodeOf,
  isCoded,
  printable,
  textFault,
  type BatchFile,
  type Submission,
} from '@sluice/contracts';
import { chooseFiles, formatOf, parseSubmission, type FileChoice } from '@sluice/intake';
import type { ImporterDeps } from '../deps.ts';
import { fileMaxBytes, type FileSource, type SourceFile } from '../sources/file-source.ts';
import { readTexts } from './read-texts.ts';

/** Lockfiles in one batch, at most; more is split by teams or folders. */
export const lockfilesMax = 500;
/** Folders above a file, at most. */
export const depthMax = 10;
const messageMaxChars = 2_000;

/** A file that is a request now; its list is in the artifact store. */
export interface OpenedRequest {
  id: string;
  path: string;
  format: string;
  itemCount: number;
  entryCount: number;
  listDigest: string;
}

/** The files of a source, and the requests that they become. */
export interface OpenedFiles {
  /** Every file, in the order of the source. */
  files: BatchFile[];
  requests: OpenedRequest[];
}

export interface OpenOptions {
  platforms: readonly string[];
  /** Whether files of other names are read as well, where their content tells their format. */
  isContentRead: boolean;
  /** The id of the request that a file becomes. */
  idOf: (path: string) => string;
}

type Deps = Pick<ImporterDeps, 'artifacts' | 'intakes' | 'registriesOf' | 'log'>;

/**
 * Reads the files of a source: each that can be is parsed and its list stored; all others are named with why.
 * @throws PermanentError `batch.too-many-files`; errors of the source and of the artifact store.
 */
export async function openFiles(source: FileSource, options: OpenOptions, deps: Deps): Promise<OpenedFiles> {
  const opening = new Opening(source, options, deps, await readTexts(source));
  // Their includes are known before the others are looked at.
  await opening.readAll('read');
  await opening.readAll('offer');
  return opening.result();
}

/** The files of one source while they are read. */
class Opening {
  readonly #source: FileSource;
  readonly #options: OpenOptions;
  readonly #deps: Deps;
  readonly #texts: ReadonlyMap<string, Buffer>;
  readonly #standings: Map<string, Standing>;
  readonly #requests = new Map<string, OpenedRequest>();
  /** Paths that files include which were read so far. */
  readonly #included = new Set<string>();

  constructor(source: FileSource, options: OpenOptions, deps: Deps, texts: ReadonlyMap<string, Buffer>) {
    this.#source = source;
    this.#options = options;
    this.#deps = deps;
    this.#texts = texts;
    const paths = source.files.map(({ path }) => path);
    const { intakes } = deps;
    const choices = chooseFiles(paths, { intakes, depthMax, isContentRead: options.isContentRead });
    this.#standings = new Map(source.files.map((file, at) => [file.path, judge(file, choices[at]!)]));
    if (this.#pathsOf('read').size > lockfilesMax) throw tooMany();
  }

  /** Reads those of one kind. */
  async readAll(kind: 'read' | 'offer'): Promise<void> {
    const chosen = this.#pathsOf(kind);
    if (chosen.size === 0) return;
    await this.#source.read(
      ({ path }) => chosen.has(path),
      async ({ path }, content) => {
        await this.#readOne(path, content, kind);
        // A large file takes a good part of a second: other work of this process comes in between.
        await yieldToOthers();
      },
    );
  }

  result(): OpenedFiles {
    const files = this.#source.files.map((file) =>
      toBatchFile(file, this.#standings.get(file.path)!, this.#requests.get(file.path)),
    );
    return { files, requests: [...this.#requests.values()] };
  }

  #pathsOf(kind: 'read' | 'offer'): Set<string> {
    const found = [...this.#standings].filter(([, standing]) => 'kind' in standing && standing.kind === kind);
    return new Set(found.map(([path]) => path));
  }

  async #readOne(path: string, content: Buffer, kind: 'read' | 'offer'): Promise<void> {
    const { intakes, registriesOf, log } = this.#deps;
    const { platforms, idOf } = this.#options;
    const onIncluded = (other: string) => void this.#included.add(other);
    const parsing = { intakes, registriesOf, platforms, filename: path, files: this.#texts, onIncluded };
    const reason = kind === 'offer' ? this.#whyNot(path, content, parsing) : null;
    if (reason !== null) {
      this.#standings.set(path, { result: 'ignored', reason });
      return;
    }
    try {
      const submission = parseSubmission(content, parsing);
      if (this.#requests.size === lockfilesMax) throw tooMany();
      this.#requests.set(path, await store({ id: idOf(path), path }, submission, this.#deps));
    } catch (error) {
      const code = errorCodeOf(error);
      if (error instanceof TransientError || code === 'batch.too-many-files') throw error;
      if (!isCoded(error)) log.error({ err: error, path }, 'a file of a batch could not be read');
      this.#standings.set(path, refusal(code, isCoded(error) ? error.message : 'It cannot be read.'));
    }
  }

  /** Why a file whose name says nothing is not read; null for one that is. */
  #whyNot(path: string, content: Buffer, parsing: Parameters<typeof formatOf>[1]): BatchFile['reason'] {
    if (this.#included.has(path)) return partOfAnother;
    return formatOf(content, parsing) === null ? unrecognised : null;
  }
}

/** A file that is read, or why it is not. */
type Standing = Exclude<FileChoice, { kind: 'ignore' }> | Pick<BatchFile, 'result' | 'reason'>;

const partOfAnother = { code: 'file.included', message: 'It is read as part of a file that includes it.' };
const submodule = { code: 'file.submodule', message: 'It is a submodule, whose repository is not read.' };
const unrecognised = { code: 'file.other', message: 'It is no lockfile, SBOM or list that Sluice reads.' };

function judge({ path, sizeBytes, standsFor }: SourceFile, choice: FileChoice): Standing {
  if (standsFor === 'submodule') return { result: 'ignored', reason: submodule };
  if (choice.kind === 'ignore') return { result: 'ignored', reason: choice.reason };
  if (standsFor === 'link') return leftOut(choice, 'file.link', 'It is a link, which is not followed.');
  const fault = textFault(path);
  if (fault !== null) return leftOut(choice, 'file.name-unreadable', `Its name cannot be shown: ${fault}.`);
  if (sizeBytes !== null && sizeBytes > fileMaxBytes)
    return leftOut(choice, 'input.too-large', `It has more than ${fileMaxBytes} bytes.`);
  return choice;
}

/** A lockfile that is not read has to be said aloud; any other file would hardly have been one. */
function leftOut({ kind }: FileChoice, code: string, message: string): Standing {
  return kind === 'read' ? refusal(code, message) : { result: 'ignored', reason: { code, message } };
}

function refusal(code: string, message: string): Standing {
  return { result: 'refused', reason: { code, message: boundedText(message, messageMaxChars) } };
}

async function store(
  file: Pick<OpenedRequest, 'id' | 'path'>,
  submission: Submission,
  { artifacts }: Pick<Deps, 'artifacts'>,
): Promise<OpenedRequest> {
  const { format, entryCount, items } = submission;
  const { digest } = await artifacts.put(Buffer.from(JSON.stringify(submission)));
  return { ...file, format, itemCount: items.length, entryCount, listDigest: digest };
}

function toBatchFile(
  { path, sizeBytes }: SourceFile,
  standing: Standing,
  request: OpenedRequest | undefined,
): BatchFile {
  const file = { path: printable(path, pathMaxChars), sizeBytes, requestId: null, format: null };
  if (request)
    return { ...file, result: 'request', requestId: request.id, format: request.format, reason: null };
  if (!('kind' in standing)) return { ...file, ...standing };
  // The source did not have it any more.
  const reason = { code: 'batch.upload-unreadable', message: 'It was not read.' };
  return { ...file, result: 'refused', reason };
}

/** Longer paths are cut in lists. */
const pathMaxChars = 300;

function tooMany(): PermanentError {
  return new PermanentError('batch.too-many-files', `A batch may have ${lockfilesMax} lockfiles.`);
}
