import { rm, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PermanentError, printable } from '@sluice/contracts';
import { failpoint, type Logger } from '@sluice/runtime';
import { gitEnvironment, type GitTarget } from './git-environment.ts';
import { gitError } from './git-errors.ts';
import { GitFailed, runGit } from './run-git.ts';
import { Repository, type TreeFile } from './repository.ts';
import { requireGit } from './require-git.ts';
import { folderBytes, makeWorkFolder, touchFolder } from './work-folders.ts';

export interface GitLimits {
  /** For everything that git does for one refresh. */
  timeoutMs: number;
  /** Of the clone's folder. */
  sizeMaxBytes: number;
  /** Files of the commit, below the paths that are read. */
  filesMax: number;
}

export interface Reading {
  target: GitTarget;
  ref: string;
  /** Files and folders that are looked at; all for none. */
  paths: readonly string[];
  /** Whether nothing of a commit has to be read: it is known. */
  isKnown?: (commit: string) => Promise<boolean>;
  /** Which files are read, of all that the commit has. */
  choose: (files: readonly TreeFile[]) => readonly TreeFile[];
  /** Below which the folder of the clone is made. */
  root: string;
  limits: GitLimits;
  /** Asked again and again: whether it still makes sense to go on. */
  isWanted: () => Promise<boolean>;
  signal: AbortSignal;
  log: Logger;
}

/** How often a running clone is looked at: its size, and whether it is still wanted. */
const watchMs = 250;
/** How often, of those times, the refresh is asked about. */
const wantedEvery = 4;

/** The refresh ended while its repository was read: a person cancelled it. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted';
}

/**
 * Fetches one commit without its history, and of its files the chosen ones. Nothing is checked out: names of a repository are never
 * names of files here. The folder is removed at the end, also after an error.
 * @returns the result of `use`.
 * @throws PermanentError with a `git.*` code; NotWanted; the signal's reason; errors of `use`.
 */
export async function readRepository<Result>(
  reading: Reading,
  use: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const { target, limits, signal, log } = reading;
  await requireGit();
  const { host } = target.address;
  const folder = await makeWorkFolder(reading.root);
  const ending = new AbortController();
  const timer = setTimeout(
    () =>
      ending.abort(
        new PermanentError('git.timeout', `${host} took longer than ${limits.timeoutMs / 1000} s.`),
      ),
    limits.timeoutMs,
  );
  const watching = watch(folder, reading, ending);
  try {
    const home = path.join(folder, 'home');
    const repository = path.join(folder, 'repository');
    await mkdir(home, { mode: 0o700 });
    await mkdir(repository);
    const run = {
      folder: repository,
      env: await gitEnvironment(target, home),
      signal: AbortSignal.any([signal, ending.signal]),
    };
    const commit = await fetchCommit(run, reading.ref);
    const isKnown = (await reading.isKnown?.(commit)) ?? false;
    const files = isKnown ? [] : await listTree(run, commit, reading);
    const chosen = isKnown ? [] : reading.choose(files);
    await fetchBlobs(run, chosen);
    if ((await folderBytes(folder)) > limits.sizeMaxBytes) throw tooLarge(limits);
    await forgetRemote(repository);
    const found = new Repository({ run, commit, files, chosen });
    await found.measure();
    failpoint('cloned');
    return await use(found);
  } catch (error) {
    const told = gitError(error, host);
    if (error instanceof GitFailed) log.warn({ host, words: error.words }, 'a repository could not be read');
    throw told;
  } finally {
    clearTimeout(timer);
    ending.abort(new NotWanted('The clone has ended.'));
    await watching;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

type Run = Parameters<typeof runGit>[1];

/** @returns the commit that the ref stands for. */
async function fetchCommit(run: Run, ref: string): Promise<string> {
  await runGit(['init', '--quiet', '--bare', '--template=', '.'], run);
  failpoint('cloning');
  const options = ['--depth=1', '--filter=blob:none', '--no-tags', '--no-recurse-submodules', '--no-auto-gc'];
  // Progress is written while it goes on: without a reader git dies of the broken pipe, when the importer does.
  await runGit(['fetch', '--progress', ...options, '--end-of-options', 'origin', ref], run);
  const text = (await runGit(['rev-parse', '--verify', '--quiet', 'FETCH_HEAD^{commit}'], run))
    .toString()
    .trim();
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text))
    throw new PermanentError('git.ref-not-found', 'The ref is no commit.');
  return text;
}

/** Bytes that the name of a file takes in the list, at most: 4,096 and its mode, type and id. */
const lineMaxBytes = 4_096 + 100;

async function listTree(run: Run, commit: string, { paths, limits }: Reading): Promise<TreeFile[]> {
  // Most names are short: the limit on the output stops a tree that names itself again and again.
  const outputMaxBytes = Math.min(limits.filesMax * 400 + lineMaxBytes, 128 * 1024 * 1024);
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit, ...paths];
  const output = await runGit(args, { ...run, outputMaxBytes }).catch((error: unknown) => {
    throw error instanceof GitFailed && error.isTooLong ? tooMany(limits) : error;
  });
  const files: TreeFile[] = [];
  for (const line of output.toString('utf8').split('\0')) {
    if (line === '') continue;
    const [about = '', ...names] = line.split('\t');
    const [mode = '', type = '', oid = ''] = about.split(' ');
    files.push({ path: names.join('\t'), oid, kind: kindOf(mode, type) });
    if (files.length > limits.filesMax) throw tooMany(limits);
  }
  const missing = paths.find((one) => !files.some((file) => isBelow(file.path, one.replace(/\/+$/, ''))));
  if (missing !== undefined)
    throw new PermanentError('git.path-not-found', `The commit has nothing at ${printable(missing, 200)}.`);
  return files;
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function kindOf(mode: string, type: string): TreeFile['kind'] {
  if (type === 'commit') return 'submodule';
  if (mode === '120000') return 'link';
  return type === 'blob' ? 'file' : 'other';
}

function tooMany({ filesMax }: GitLimits): PermanentError {
  return new PermanentError('git.too-many-files', `The commit has more than ${filesMax} files.`);
}

function tooLarge({ sizeMaxBytes }: GitLimits): PermanentError {
  return new PermanentError('git.too-large', `The commit has more than ${sizeMaxBytes} bytes.`);
}

/** Fetches the chosen files by their ids, as git itself does for a partial clone. A server that knows no filters has sent them. */
async function fetchBlobs(run: Run, chosen: readonly TreeFile[]): Promise<void> {
  const input = [...new Set(chosen.map(({ oid }) => oid))].join('\n');
  if (input === '') return;
  const options = [
    '--filter=blob:none',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--no-auto-gc',
  ];
  const args = [
    '-c',
    'fetch.negotiationAlgorithm=noop',
    'fetch',
    '--progress',
    ...options,
    '--stdin',
    'origin',
  ];
  await runGit(args, { ...run, input: `${input}\n` });
}

/** From here on nothing is fetched any more: an object that is not there is missing. */
async function forgetRemote(repository: string): Promise<void> {
  await writeFile(path.join(repository, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
}

/** Ends a clone that has grown too large, or that is no longer wanted. */
async function watch(folder: string, { limits, isWanted }: Reading, ending: AbortController): Promise<void> {
  for (let turn = 1; !ending.signal.aborted; turn += 1) {
    await pause(watchMs, undefined, { signal: ending.signal }).catch(() => {});
    if (ending.signal.aborted) return;
    await touchFolder(folder);
    if ((await folderBytes(folder)) > limits.sizeMaxBytes) ending.abort(tooLarge(limits));
    // An outage of Postgres is no reason to end it.
    if (turn % wantedEvery === 0 && !(await isWanted().catch(() => true)))
      ending.abort(new NotWanted('The refresh has ended.'));
  }
}
