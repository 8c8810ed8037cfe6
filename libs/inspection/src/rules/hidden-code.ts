import { findRun } from '../source/find-run.ts';
import type { FileRule, Hit } from './rule.ts';

/** More blanks than any editor window is wide. */
const blanksMin = 180;
/** Then code that does something. */
const farRight = /[^\s][ \t]{180,}(?=[^\s/*|])([^\n]{10,})/g;
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
    for (const match of file.text.matchAll(farRight)) {
      if (!active.test(match[1]!)) continue;
      const start = match.index + match[0].length - match[1]!.length;
      yield { start, excerpt: null };
      return;
    }
  },
};
