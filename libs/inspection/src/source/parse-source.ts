import { Parser, type Options, type Program } from 'acorn';
import { parse as parseLoose } from 'acorn-loose';
import { answers, innerScope, type Scope } from './scope.ts';

export interface ParsedSource {
  program: Program;
  /** True when the file is no valid JavaScript and the tree is a guess (TypeScript, JSX, or broken on purpose). */
  loose: boolean;
}

/** A node with room for what is found out about it: an object that grows later is moved, and slower ever after. */
class RoomyNode {
  type = '';
  start: number;
  end = 0;
  [innerScope]: Scope | null = null;
  [answers]: unknown = null;

  constructor(start: number) {
    this.start = start;
  }
}

/** The parser's own methods that make nodes; acorn's types leave out what its plugins may replace. */
type ParserClass = new (...args: unknown[]) => { start: number };

const RoomyParser = Parser.extend(
  (base) =>
    class extends (base as unknown as ParserClass) {
      startNode(): RoomyNode {
        return new RoomyNode(this.start);
      }

      startNodeAt(start: number): RoomyNode {
        return new RoomyNode(start);
      }
    } as unknown as typeof Parser,
);

/** The error-tolerant parser is slow on text that is far from JavaScript. */
const looseLengthMax = 256 * 1024;

/**
 * Parses JavaScript as a module, else as a script, else tolerantly: code that a stricter reader rejects may still
 * run, and one odd token must not hide the rest of a file.
 * @param isGuess true for a text that only may be JavaScript: then the strict readings decide.
 * @returns null when no reading gives a tree.
 */
export function parseSource(text: string, isGuess: boolean): ParsedSource | null {
  const options: Options = {
    ecmaVersion: 'latest',
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowImportExportEverywhere: true,
    checkPrivateFields: false,
  };
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return { program: RoomyParser.parse(text, { ...options, sourceType }), loose: false };
    } catch {
      // The next reading may fit.
    }
  }
  if (isGuess || text.length > looseLengthMax) return null;
  try {
    return { program: parseLoose(text, { ...options, sourceType: 'module' }) as Program, loose: true };
  } catch {
    return null;
  }
}
