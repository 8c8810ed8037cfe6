import { PermanentError } from '@sluice/contracts';
import { shown } from '@sluice/intake';

/** One requirement or option of a requirements file, with the line that it begins in. */
export interface RequirementLine {
  line: number;
  /** The requirement, without its options; empty for a line of options. */
  requirement: string;
  /** By name without hyphens: `hash`, `r`. Short names are spelled out. */
  options: { name: string; value: string }[];
}

/** Everything that ends a line for Python's `splitlines`, which pip uses. */
// eslint-disable-next-line no-control-regex
const lineEnds = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
const comment = /(?:^|\s+)#.*$/;
const linesMax = 200_000;

/** Options with a value, by the letter and by the word. Source: pip's `req_file.py`, SUPPORTED_OPTIONS. */
const withValue: Record<string, string> = {
  '-i': 'index-url',
  '--index-url': 'index-url',
  '--pypi-url': 'index-url',
  '--extra-index-url': 'extra-index-url',
  '-r': 'requirement',
  '--requirement': 'requirement',
  '-c': 'constraint',
  '--constraint': 'constraint',
  '-e': 'editable',
  '--editable': 'editable',
  '-f': 'find-links',
  '--find-links': 'find-links',
  '--no-binary': 'no-binary',
  '--only-binary': 'only-binary',
  '--trusted-host': 'trusted-host',
  '--use-feature': 'use-feature',
  '--hash': 'hash',
  '--global-option': 'global-option',
  '--config-settings': 'config-settings',
  '-C': 'config-settings',
};
const withoutValue = new Set(['--no-index', '--prefer-binary', '--require-hashes', '--pre']);

/**
 * Splits a requirements file as pip does: lines that end with a backslash go on, and a comment begins at `#` behind a blank.
 * @throws PermanentError `lockfile.invalid` for an option that pip does not have, or has under a longer name: pip completes
 * names that are cut.
 */
export function readRequirementLines(text: string): RequirementLine[] {
  const found: RequirementLine[] = [];
  for (const { line, text: joined } of joinLines(text)) {
    const bare = joined.replace(comment, '').trim();
    if (bare !== '') found.push({ line, ...splitOptions(bare, line) });
  }
  return found;
}

function joinLines(text: string): { line: number; text: string }[] {
  const lines = text.split(lineEnds);
  if (lines.length > linesMax) throw invalid('it has too many lines', linesMax);
  const joined: { line: number; text: string }[] = [];
  let parts: string[] = [];
  let first = 1;
  for (const [at, raw] of lines.entries()) {
    const isComment = /^(?:\s*)#/.test(raw);
    if (parts.length === 0) first = at + 1;
    if (raw.endsWith('\\') && !isComment) {
      parts.push(raw.replace(/^\\+/, '').replace(/\\+$/, ''));
      continue;
    }
    // A comment ends a line that goes on.
    joined.push({ line: first, text: [...parts, isComment ? ` ${raw}` : raw].join('') });
    parts = [];
  }
  if (parts.length > 0) joined.push({ line: first, text: parts.join('') });
  return joined;
}

/** The requirement is all in front of the first word that begins with a hyphen. */
function splitOptions(text: string, line: number): Omit<RequirementLine, 'line'> {
  const words = text.split(' ');
  const first = words.findIndex((word) => word.startsWith('-'));
  if (first < 0) return { requirement: text, options: [] };
  const requirement = words.slice(0, first).join(' ').trim();
  return { requirement, options: readOptions(shellWords(words.slice(first).join(' '), line), line) };
}

function readOptions(words: string[], line: number): RequirementLine['options'] {
  const options: RequirementLine['options'] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const [, long, joined] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long !== undefined && withoutValue.has(long) && joined === undefined) {
      options.push({ name: long.slice(2), value: '' });
      continue;
    }
    const [, letter, attached] = /^(-[A-Za-z])(.*)$/s.exec(word) ?? [];
    const name = withValue[long ?? letter ?? ''];
    if (name === undefined) throw invalid(`"${shown(word)}" is no option that pip has in such a file`, line);
    const value = joined ?? (attached || words[(at += 1)]);
    if (value === undefined) throw invalid(`"${shown(word)}" has no value`, line);
    options.push({ name, value });
  }
  return options;
}

/** Words as a shell splits them. @throws PermanentError for a quote without its end. */
function shellWords(text: string, line: number): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/gsy;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    end = pattern.lastIndex;
    words.push(
      match[1]!.replaceAll(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs,
        (_, escaped: string, double: string, single: string) =>
          escaped ?? single ?? double.replaceAll(/\\(["\\])/g, '$1'),
      ),
    );
  }
  if (text.slice(end).trim() !== '') throw invalid('a quote has no end', line);
  return words;
}

function invalid(what: string, line: number): PermanentError {
  return new PermanentError('lockfile.invalid', `Line ${line} of the requirements: ${what}.`);
}
