import { parse, type Options, type Program } from 'acorn';
import { parse as parseLoose } from 'acorn-loose';

export interface ParsedSource {
  program: Program;
  /** True when the file is no valid JavaScript and the tree is a guess (TypeScript, JSX, or broken on purpose). */
  loose: boolean;
}

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
      return { program: parse(text, { ...options, sourceType }), loose: false };
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
