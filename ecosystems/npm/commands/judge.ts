import type { CommandVerdict } from './command-verdict.ts';

/** Follows commands to what they run, and notes it in a verdict. Folders are given from that of the package. */
export interface Judge {
  readonly context: CommandContext;
  readonly verdict: CommandVerdict;
  /** Judges a line that a shell runs. */
  shell(line: string, folder: string, depth: number): void;
  /** Judges a program with its arguments. */
  program(words: string[], folder: string, depth: number): void;
  /** Notes a file of the package that runs. */
  run(file: string, folder: string): void;
}

/** Knowledge of the package that a judge needs. */
export interface CommandContext {
  /** Whether gyp reads the output as a part of the build file, and runs commands in it. */
  isOutputRead: boolean;
  /** The programs that a variable of the gyp files may stand for; none for an unknown one. */
  programsOf(variable: string): string[];
  /** Whether some file of the package has this name, or this extension. */
  hasFile(nameOrExtension: string): boolean;
  /** The commands of a script of the manifest, with those that npm runs before and after it; none for an unknown one. */
  scriptOf(name: string): string[];
  /** The file of a program that the package brings itself; null for none. */
  binOf(name: string): string | null;
}
