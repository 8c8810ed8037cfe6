import path from 'node:path/posix';
import type { CommandVerdict } from '../commands/command-verdict.ts';
import { judgeProgram, judgeShell } from '../commands/judge-command.ts';
import type { CommandContext } from '../commands/judge.ts';
import type { NpmContents, PackagePart } from '../contents.ts';
import { hooksOf } from '../install-hooks.ts';

/** A gyp file that a build reads. */
export interface GypBuild {
  file: string;
  /** True when npm or a hook builds it at install, as far as the manifest tells. */
  isAtInstall: boolean;
  /** Parts that are not understood. */
  unclear: string[];
  /** Files of the package that its commands run. */
  runs: string[];
}

/** More in one file tell nothing new. */
const unclearMax = 20;

/** The gyp files that npm looks for, of the package and of those bundled with it. */
export function rootGypFiles({ gyp }: NpmContents, { folder }: PackagePart): string[] {
  // File systems that ignore case find it under any.
  const name = `${folder}binding.gyp`.toLowerCase();
  return [...gyp.keys()].filter((file) => file.toLowerCase() === name);
}

function gypFilesBelow({ gyp }: NpmContents, { folder }: PackagePart): string[] {
  return [...gyp.keys()].filter((file) => file.startsWith(folder) && /(?:^|\/)binding\.gyp$/i.test(file));
}

/**
 * npm runs node-gyp where no script runs before it would. `gypfile: false` turns that off only for an install without
 * a lockfile, because lockfiles do not keep that field.
 */
export function isBuiltByNpm({ manifest }: PackagePart): boolean {
  return !manifest?.scripts.install && !manifest?.scripts.preinstall;
}

/** Several rules ask about the same archive. */
const known = new WeakMap<NpmContents, GypBuild[]>();

/** The gyp files that builds of the packages read: the roots, and those that these take in. */
export function gypBuilds(contents: NpmContents): GypBuild[] {
  const builds = known.get(contents) ?? readBuilds(contents);
  known.set(contents, builds);
  return builds;
}

function readBuilds(contents: NpmContents): GypBuild[] {
  const builds = new Map<string, GypBuild>();
  for (const part of contents.packages) {
    const isBuilt = hooksOf(contents, part).some(({ verdict }) =>
      verdict.lines.some((line) => line.includes('gyp')),
    );
    const isAtInstall = isBuiltByNpm(part) || isBuilt;
    // A hook may build in a folder of its own, `cd src && node-gyp rebuild`.
    const waiting = isBuilt ? gypFilesBelow(contents, part) : rootGypFiles(contents, part);
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (builds.has(file)) continue;
      const { build, references } = readBuild(file, isAtInstall, contents);
      builds.set(file, build);
      waiting.push(...references);
    }
  }
  return [...builds.values()];
}

function readBuild(
  file: string,
  isAtInstall: boolean,
  contents: NpmContents,
): { build: GypBuild; references: string[] } {
  const facts = contents.gyp.get(file);
  const build: GypBuild = { file, isAtInstall, unclear: [], runs: [] };
  if (!facts) return { build: { ...build, unclear: ['It is not named as a gyp file'] }, references: [] };
  const note = (why: string) => void (build.unclear.length < unclearMax && build.unclear.push(why));
  facts.problems.forEach(note);
  const take = (verdict: CommandVerdict) => {
    verdict.unclear.forEach(note);
    for (const run of verdict.files) {
      const found = filesNamed(run, path.dirname(file), contents);
      if (found.length === 0) note(`Runs ${run}, which the archive does not have`);
      build.runs.push(...found);
    }
  };
  const context: CommandContext = {
    isOutputRead: true,
    scriptOf: () => [],
    binOf: () => null,
    programsOf: (name) => valuesOf(name, contents).map(([program]) => program ?? '<(nothing)'),
    hasFile: (name) => isFileNamed(name, contents),
  };
  for (const text of facts.shell) {
    const name = variableNames(text).find((used) => isCommandLike(used, contents));
    if (name !== undefined) note(`The variable ${name} is part of a command`);
    take(judgeShell(text, context));
  }
  for (const words of facts.programs) take(judgeProgram(words, context));
  const references = facts.references.flatMap((reference) =>
    resolveReference(reference, file, contents, note),
  );
  return { build, references };
}

function variableNames(text: string): string[] {
  return [...text.matchAll(/[<>^]@?\(([-\w.]+)\)/g)].map(([, name]) => name!);
}

/** A value with shell syntax in it changes which programs a command runs. */
function isCommandLike(name: string, contents: NpmContents): boolean {
  return valuesOf(name, contents)
    .flat()
    .some((value) => !/^[<>^]!@?\(/.test(value) && /[;&|`$\n]/.test(value));
}

function valuesOf(name: string, { gyp }: NpmContents): string[][] {
  return [...gyp.values()].flatMap(({ variables }) => variables.get(name) ?? []);
}

/** A command runs in the folder of its gyp file, unless it changes the folder first. */
function filesNamed(name: string, folder: string, { files }: NpmContents): string[] {
  const base = path.normalize(path.join(folder, name));
  const exact = [base, `${base}.js`, `${base}.cjs`, `${base}.json`, path.join(base, 'index.js')];
  const found = exact.find((candidate) => files.has(candidate));
  if (found !== undefined) return [found];
  return [...files.keys()].filter((file) => path.basename(file) === path.basename(name));
}

function isFileNamed(name: string, { files }: NpmContents): boolean {
  const base = path.basename(name);
  if (base === '') return false;
  const isExtension = base.startsWith('.');
  return [...files.keys()].some(
    (file) => path.basename(file) === base || (isExtension && path.extname(file) === base),
  );
}

/** The gyp file that another takes in; a file that is not there ends the build before anything runs. */
function resolveReference(
  reference: string,
  from: string,
  { files }: NpmContents,
  note: (why: string) => void,
): string[] {
  // Commands are judged as such; the files of other packages with these.
  if (/^[<>^]!/.test(reference) || /^<\((?:module_name|_target_name)\)$/.test(reference)) return [];
  const isFromRoot = /^<\((?:module_root_dir|DEPTH)\)\//.test(reference);
  const plain = reference.replace(/^<\([\w]+\)\//, (folder) => (isFromRoot ? '' : folder));
  if (/[<>^]@?\(/.test(plain)) {
    note(`Takes in ${reference}`);
    return [];
  }
  // A target of the same file.
  if (!/[./]/.test(plain)) return [];
  const target = path.normalize(path.join(isFromRoot ? '' : path.dirname(from), plain));
  if (target.startsWith('..')) note(`Takes in ${reference} from outside of the package`);
  return files.has(target) ? [target] : [];
}
