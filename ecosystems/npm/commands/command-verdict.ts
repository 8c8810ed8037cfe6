import type { SimpleCommand } from './shell-words.ts';

/** Code that a command line holds. */
export interface InlineCode {
  language: 'javascript' | 'shell' | 'script';
  text: string;
}

/** More in one command tell nothing new. */
const entriesMax = 50;

/** Everything that a command leads to. Local files and inline code are looked at for themselves. */
export class CommandVerdict {
  /** From the folder of the package; the archive need not have them. */
  readonly files: string[] = [];
  readonly code: InlineCode[] = [];
  /** Parts that are not understood, each in a sentence that names the word. */
  readonly unclear: string[] = [];
  /** The lines that shells run, and the programs in them. */
  readonly lines: string[] = [];
  readonly commands: SimpleCommand[] = [];

  note(why: string): void {
    if (this.unclear.length < entriesMax && !this.unclear.includes(why)) this.unclear.push(why);
  }

  take(line: string, commands: SimpleCommand[]): void {
    this.lines.push(line);
    this.commands.push(...commands);
  }
}
