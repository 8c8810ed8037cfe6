import { fileMaxBytes, type FileSource, type SourceFile } from '../sources/file-source.ts';
import { runGit, type GitRun } from './run-git.ts';

/** An entry of a commit's tree. */
export interface TreeFile {
  path: string;
  /** Id of its content. */
  oid: string;
  /** Links and submodules are named, and never followed. */
  kind: 'file' | 'link' | 'submodule' | 'other';
}

interface Found {
  run: GitRun;
  commit: string;
  files: readonly TreeFile[];
  chosen: readonly TreeFile[];
}

/** Content that is in memory at once; one file may be as large as any that is read. */
const groupMaxBytes = 32 * 1024 * 1024;

/** One commit of a repository, of whose files the chosen ones are here. */
export class Repository implements FileSource {
  readonly commit: string;
  readonly tree: readonly TreeFile[];
  readonly #run: GitRun;
  readonly #chosen: readonly TreeFile[];
  /** Sizes of the contents that are here, in bytes, by their ids. */
  #sizes = new Map<string, number>();

  constructor({ run, commit, files, chosen }: Found) {
    this.#run = run;
    this.commit = commit;
    this.tree = files;
    this.#chosen = chosen;
  }

  /** Learns the sizes of the files that are here. */
  async measure(): Promise<void> {
    const args = ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'];
    const output = await runGit(args, {
      ...this.#run,
      input: this.#chosen.map(({ oid }) => `${oid}\n`).join(''),
      outputMaxBytes: (this.#chosen.length + 1) * 200,
    });
    for (const line of output.toString().split('\n')) {
      const [oid = '', type, size] = line.split(' ');
      if (type === 'blob') this.#sizes.set(oid, Number(size));
    }
  }

  /** Links and submodules are among them, so that a lockfile that is one is not passed over in silence. */
  get files(): readonly SourceFile[] {
    return this.tree
      .filter(({ kind }) => kind !== 'other')
      .map(({ path, oid, kind }) => ({
        path,
        sizeBytes: this.#sizes.get(oid) ?? null,
        ...(kind === 'link' || kind === 'submodule' ? { standsFor: kind } : {}),
      }));
  }

  async read(
    isWanted: (file: SourceFile) => boolean,
    visit: (file: SourceFile, content: Buffer) => void | Promise<void>,
  ): Promise<void> {
    const wanted = this.#chosen
      .map(({ path, oid }) => ({ path, oid, sizeBytes: this.#sizes.get(oid) ?? null }))
      .filter((file) => file.sizeBytes !== null && file.sizeBytes <= fileMaxBytes && isWanted(file));
    for (const group of inGroups(wanted, ({ sizeBytes }) => sizeBytes ?? 0)) {
      const contents = await this.#contents(group.map(({ oid }) => oid));
      for (const { path, oid, sizeBytes } of group) {
        const content = contents.get(oid);
        if (content) await visit({ path, sizeBytes }, content);
      }
    }
  }

  /** Contents by their ids; git is asked by id, never by a name. */
  async #contents(oids: readonly string[]): Promise<Map<string, Buffer>> {
    const asked = [...new Set(oids)];
    const total = asked.reduce((sum, oid) => sum + (this.#sizes.get(oid) ?? 0), 0);
    const output = await runGit(['cat-file', '--batch'], {
      ...this.#run,
      input: asked.map((oid) => `${oid}\n`).join(''),
      outputMaxBytes: total + (asked.length + 1) * 200,
    });
    const contents = new Map<string, Buffer>();
    for (let at = 0; at < output.length;) {
      const end = output.indexOf(10, at);
      const [oid = '', type, size] = output.toString('latin1', at, end).split(' ');
      at = end + 1;
      if (type !== 'blob') continue;
      contents.set(oid, output.subarray(at, at + Number(size)));
      at += Number(size) + 1;
    }
    return contents;
  }
}

/** Splits rows into groups whose sizes add up to the limit at most; a larger one is by itself. */
function* inGroups<Row>(rows: readonly Row[], sizeOf: (row: Row) => number): Generator<Row[]> {
  let group: Row[] = [];
  let size = 0;
  for (const row of rows) {
    if (group.length > 0 && size + sizeOf(row) > groupMaxBytes) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(row);
    size += sizeOf(row);
  }
  if (group.length > 0) yield group;
}
