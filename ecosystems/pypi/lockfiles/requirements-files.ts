import { PermanentError } from '@sluice/contracts';
import { shown, type FileBeside } from '@sluice/intake';
import { readRequirementLines, type RequirementLine } from './requirement-lines.ts';

/** A line of a requirements file, or of one that it includes. */
export interface IncludedLine extends Omit<RequirementLine, 'line'> {
  /** Its place, for people: `line 3`, or `base.txt line 3` in an included file. */
  path: string;
  /** Whether it asks for nothing, and only says which version others get. */
  isConstraint: boolean;
  /** The file that it includes and that was not submitted; null for none. */
  missing: string | null;
}

/** A file that includes more is a maze. Each is read again where it is included twice. */
const filesMax = 100;

/**
 * Reads a requirements file with those that it includes by `-r` and `-c`, where the lines that include them stand. Of a line with
 * several of them pip takes the first. Constraints that were not submitted are left out: they ask for nothing.
 * Source: pip's `req_file.py`, `_parse_and_recurse`.
 * @throws PermanentError `lockfile.invalid`, also for a file that includes itself: pip refuses it.
 */
export function readWithIncluded(file: Pick<FileBeside, 'content' | 'beside'>): IncludedLine[] {
  const found: IncludedLine[] = [];
  let files = 0;
  const visit = (
    { content, beside }: Pick<FileBeside, 'content' | 'beside'>,
    { prefix, isConstraint, above }: { prefix: string; isConstraint: boolean; above: readonly string[] },
  ): void => {
    files += 1;
    if (files > filesMax)
      throw new PermanentError('lockfile.invalid', `It includes more than ${filesMax} files.`);
    for (const { line, requirement, options } of readRequirementLines(decode(content, prefix))) {
      const path = `${prefix}line ${line}`;
      const include = requirement === '' ? includedBy(options) : null;
      const other = include && beside(include.reference);
      const missing = include && !other && !include.isConstraint ? include.reference : null;
      found.push({ path, requirement, options, isConstraint, missing });
      if (!include || !other) continue;
      if (above.includes(other.path))
        throw new PermanentError('lockfile.invalid', `${shown(other.path)} includes itself.`);
      const next = { prefix: `${other.path} `, isConstraint: include.isConstraint };
      visit(other, { ...next, above: [...above, other.path] });
    }
  };
  visit(file, { prefix: '', isConstraint: false, above: [] });
  return found;
}

/** Requirements go before constraints, whichever stands first. */
function includedBy(
  options: RequirementLine['options'],
): { reference: string; isConstraint: boolean } | null {
  const reference = (name: string) => options.find((option) => option.name === name)?.value;
  const requirements = reference('requirement');
  if (requirements !== undefined) return { reference: requirements, isConstraint: false };
  const constraints = reference('constraint');
  return constraints === undefined ? null : { reference: constraints, isConstraint: true };
}

/** pip obeys a declared encoding. @throws PermanentError `lockfile.invalid` for any but UTF-8. */
function decode(content: Uint8Array, prefix: string): string {
  const invalid = (what: string, cause?: unknown) =>
    new PermanentError('lockfile.invalid', `${shown(prefix)}${what}`, { cause });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw invalid('The file is not UTF-8.', cause);
  }
  const declared = text
    .split('\n', 2)
    .flatMap((line) => (line.startsWith('#') ? (/coding[:=]\s*([-\w.]+)/.exec(line)?.[1] ?? []) : []))[0];
  if (declared !== undefined && !/^utf[-_]?8$/i.test(declared))
    throw invalid(`The file declares the encoding ${shown(declared)}.`);
  if (text.includes('\0')) throw invalid('The file has a NUL in it.');
  return text;
}
