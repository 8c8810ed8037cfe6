import { printable } from '@sluice/contracts';
import type { FileHit } from '../rules/python-rules.ts';
import { isNetworkCall } from './calls.ts';
import { readPythonFacts } from './facts.ts';
import { pythonHits } from './findings.ts';
import { mayMatter } from './may-matter.ts';

/** The part of a file of Python that is kept after reading. */
export interface PythonFile {
  hits: FileHit[];
  /** Modules that it imports, as written: `.util`, `setup_helpers`. */
  modules: readonly string[];
}

/** Bounds on the memory kept for one file, against hostile ones. */
const hitsMax = 40;
const modulesMax = 300;
const excerptMax = 200;
/** Builds are followed into their modules, whatever words these have. */
const buildFile = /^[^/]+\.py$/;

/** @returns null for a file that nothing can be said of. */
export function readPythonFile(path: string, text: string): PythonFile | null {
  if (!mayMatter(text) && !buildFile.test(path)) return null;
  const facts = readPythonFacts(text);
  const hits: FileHit[] = [];
  const seen = new Set<string>();
  const add = (hit: Omit<FileHit, 'file' | 'line' | 'excerpt'>) => {
    const key = `${hit.rule} ${hit.start}`;
    if (seen.has(key) || hits.length >= hitsMax) return;
    seen.add(key);
    const lineStart = text.lastIndexOf('\n', hit.start) + 1;
    hits.push({
      ...hit,
      file: path,
      line: text.slice(0, hit.start).split('\n').length,
      excerpt: printable(text.slice(lineStart, lineStart + excerptMax * 2).trim(), excerptMax),
    });
  };
  for (const hit of pythonHits(facts)) add(hit);
  const network = facts.calls.find(({ name }) => isNetworkCall(name));
  if (network)
    add({ rule: 'malware.install-script-network', start: network.start, runsAtImport: network.runsAtImport });
  // Copies: a part of a text keeps all of it in memory.
  const modules = facts.bindings.modules.slice(0, modulesMax).map((module) => Buffer.from(module).toString());
  return { hits, modules };
}
