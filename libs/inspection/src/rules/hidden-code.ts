import { findRun } from '../source/find-run.ts';
import type { FileRule, Hit } from './rule.ts';

/** More blanks than any editor window is wide. */
const blanksMin = 180;
const farRight = /[^\s][ \t]{180}/g;
/** Then code that does something, and no comment. */
const statement = /^[^\s/*|].{9}/;
const active =
  /\b(?:require|eval|import|Function|fetch|atob|child_process|process|global(?:This)?|exec)\b|_0x/;

export const hiddenCode: FileRule = {
  id: 'malware.hidden-code',
  title: 'Code pushed out of sight by blanks',
  severity: 'critical',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Hundreds of blanks before a statement have one use: in an editor or a diff nobody sees it.',
  *check(file): Iterable<Hit> {
    if (file.language === 'other' || findRun(file.text, ' \t', blanksMin) === null) return;
    let readTo = 0;
    for (const match of file.text.matchAll(farRight)) {
      if (match.index < readTo) continue;
      const start = endOfBlanks(file.text, match.index + match[0].length);
      const lineEnd = file.text.indexOf('\n', start);
      const code = file.text.slice(start, lineEnd < 0 ? undefined : lineEnd);
      if (!statement.test(code)) continue;
      // A line is read once, however many runs of blanks it has.
      readTo = start + code.length;
      if (!active.test(code)) continue;
      yield { start, excerpt: null };
      return;
    }
  },
};

/** A pattern without a bound on its length would take a stack as deep as the run is long. */
function endOfBlanks(text: string, start: number): number {
  let end = start;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  return end;
}
