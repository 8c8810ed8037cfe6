import type { FileRule, Hit } from './rule.ts';

/** Other ways of saying it than `rm`; each is bounded, since whole scripts are searched. */
const command =
  /\brd\s{1,9}\/s\s{1,9}\/q\s{1,9}["']?(?:%userprofile%|c:\\?)["']?(?:\s|$)|\bdel\s{1,9}(?:\/[fsq]\s{1,9}){2,3}["']?(?:%userprofile%|c:\\)\\?\*?|\bshred\b[^\n]{0,80}\s(?:~|\$HOME)|\bmkfs\.\w{1,9}\s{1,9}\/dev\/|\bdd\s{1,9}if=\/dev\/(?:zero|u?random)\s{1,9}of=\/dev\/[sn]/i;
const remove = /\brm\s([^;&|\n]{1,300})/g;
const everything = /^["']?(?:~|\$HOME|\$\{HOME\}|\/)["']?\/?\*?["']?$/;
const removers =
  /(?:^|\.)(?:rm|rmSync|rmdir|rmdirSync|remove|removeSync|rimraf|rimrafSync|sync|del|emptyDirSync)$/;

export const destructive: FileRule = {
  id: 'malware.destructive',
  title: 'Deletes the home folder or the whole disk',
  severity: 'critical',
  tier: 'block',
  why: 'Wipers, sometimes only in some countries or when nothing could be stolen. Nothing legitimate deletes a home folder as a whole.',
  needs: [['home', 'removals'], ['programs']],
  *check(file): Iterable<Hit> {
    for (const call of file.facts?.calls ?? []) {
      const wipes =
        removers.test(call.name) &&
        /^(?:os\.homedir\(\)|process\.env\.(?:HOME|USERPROFILE))$/.test(call.nameOfArgument(0) ?? '');
      const runs = file.startsAt('spawn', call.start) && findWipe(call.text(0)?.text ?? '') !== null;
      if (!wipes && !runs) continue;
      yield { start: call.start };
      return;
    }
    const start = file.language === 'shell' ? findWipe(file.text) : null;
    if (start !== null) yield { start, tier: 'review' };
  },
};

/** Where a command deletes a whole home folder, root or drive; null when none does. */
export function findWipe(text: string): number | null {
  for (const match of text.matchAll(remove)) {
    const words = match[1]!.trim().split(/\s+/);
    const isRecursive = words.some((word) => /^-(?:[a-z]*r[a-z]*|-recursive)$/i.test(word));
    if (isRecursive && words.some((word) => everything.test(word))) return match.index;
  }
  const match = command.exec(text);
  return match ? match.index : null;
}
