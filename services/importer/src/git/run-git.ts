import { spawn } from 'node:child_process';

export interface GitRun {
  /** Below which git works. */
  folder: string;
  /** All that git gets to know of the environment. */
  env: Record<string, string>;
  /** Ends the whole group of processes. */
  signal: AbortSignal;
  /** Written to its standard input. */
  input?: string;
  /** More than this of output ends it, in bytes. */
  outputMaxBytes?: number;
}

/** Git ended with a status, or said more than it may. Its words are for the log alone: they quote the other side. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  readonly words: string;
  readonly isTooLong: boolean;
  constructor(message: string, words: string, isTooLong: boolean) {
    super(message);
    this.words = words;
    this.isTooLong = isTooLong;
  }
}

const outputMaxBytes = 1024 * 1024;
/** The last words say why; the rest is progress. */
const wordsMaxChars = 8 * 1024;

/**
 * Runs git in a group of processes of its own. Its helpers (`git-remote-https`, `ssh`, `index-pack`) are in the group, and end with it.
 * @returns its output.
 * @throws GitFailed; the signal's reason.
 */
export async function runGit(args: readonly string[], run: GitRun): Promise<Buffer> {
  const { folder, env, signal, input = '', outputMaxBytes: maxBytes = outputMaxBytes } = run;
  signal.throwIfAborted();
  const child = spawn('git', args, { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  signal.addEventListener('abort', endGroup, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  let words = '';
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) endGroup();
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-wordsMaxChars);
  });
  // A process that ends before it has read everything is told by its status.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (size > maxBytes) throw new GitFailed('git said more than it may', words, true);
    if (status !== 0) throw new GitFailed(`git ${args[0]} ended with ${status}`, words, false);
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', endGroup);
    // Helpers that git left behind hold its pipes, so that there are none after a close; an error may come before.
    endGroup();
  }
}
