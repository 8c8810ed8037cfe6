import { connectedFiles, findLoaded } from '../rules/file-graph.ts';
import type { FileSummary } from '../rules/rule.ts';
import { theftSinks, theftSources, togetherMax } from '../rules/theft-across-files.ts';
import type { InspectedFile, PutOff } from './inspect-file.ts';

/** Characters of files that wait until all others are read; what is beyond is read at once. */
const waitingMax = 8 * 1024 * 1024;
/** A file hands on what it loads, and one that loads two others hands on what one gives to the other. */
const stepsMax = 2;

/**
 * Files of which only the package as a whole can tell whether their syntax trees matter: they use the network or read a
 * secret, and do nothing with it that is a finding by itself.
 */
export class FilesPutOff {
  readonly #waiting = new Map<string, PutOff>();
  #length = 0;

  /** Keeps a file, or reads it at once when too much waits. */
  add(path: string, putOff: PutOff): InspectedFile | null {
    if (this.#length + putOff.length > waitingMax) return putOff.read();
    this.#length += putOff.length;
    this.#waiting.set(path, putOff);
    return null;
  }

  /** All that wait: something is installed by code, or was found, so that each signal and each path counts. */
  *all(): Generator<[string, InspectedFile]> {
    for (const [path, { read }] of this.#waiting) yield [path, read()];
    this.#waiting.clear();
  }

  /** Those between a file that reads a secret and one that sends something. */
  *between(files: ReadonlyMap<string, FileSummary>): Generator<[string, InspectedFile]> {
    if (this.#waiting.size === 0) return;
    const sources = this.#ends(files, theftSources, ({ isSource }) => isSource);
    const sinks = this.#ends(files, theftSinks, ({ isSink }) => isSink);
    if (sources.size === 0 || sinks.size === 0) return;
    const loads = neighbours(files);
    const nearSources = around(sources, loads);
    const nearSinks = around(sinks, loads);
    const together = new Set(
      connectedFiles(files)
        .filter((group) => group.reduce((sum, file) => sum + files.get(file)!.sizeBytes, 0) <= togetherMax)
        .flat(),
    );
    for (const [path, { read }] of this.#waiting) {
      if (!together.has(path) && !(nearSources.has(path) && nearSinks.has(path))) continue;
      this.#waiting.delete(path);
      yield [path, read()];
    }
  }

  #ends(
    files: ReadonlyMap<string, FileSummary>,
    kinds: readonly string[],
    isEnd: (putOff: PutOff) => boolean,
  ): Set<string> {
    const read = [...files].filter(([, { signals }]) => signals.some(({ kind }) => kinds.includes(kind)));
    const waiting = [...this.#waiting].filter(([, putOff]) => isEnd(putOff));
    return new Set([...read, ...waiting].map(([path]) => path));
  }
}

/** By file, those that it loads and that load it. */
function neighbours(files: ReadonlyMap<string, FileSummary>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (from: string, to: string) => {
    const known = found.get(from);
    if (known) known.add(to);
    else found.set(from, new Set([to]));
  };
  for (const [file, { loads }] of files) {
    for (const load of loads) {
      const loaded = load.startsWith('.') ? findLoaded(load, file, files) : null;
      if (loaded === null) continue;
      add(file, loaded);
      add(loaded, file);
    }
  }
  return found;
}

function around(files: ReadonlySet<string>, loads: ReadonlyMap<string, Set<string>>): Set<string> {
  let found = new Set(files);
  for (let step = 0; step < stepsMax; step += 1)
    found = new Set([...found].flatMap((file) => [file, ...(loads.get(file) ?? [])]));
  return found;
}
