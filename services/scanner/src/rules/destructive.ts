import type { FileRule, Hit } from './rule.ts';

/** Commands that take everything: the home folder, the root, a drive. */
const command =
  /\brm\s+(?:-[a-zA-Z]+\s+)*-[a-zA-Z]*[rR][a-zA-Z]*\s+(?:-[a-zA-Z-]+\s+)*["']?(?:~|\$HOME|\$\{HOME\}|\/)["']?(?:\/?\*)?(?=["'\s;&|]|$)|\brd\s+\/s\s+\/q\s+["']?(?:%userprofile%|c:\\?)["']?(?:\s|$)|\bdel\s+(?:\/[fsq]\s+){2,}["']?(?:%userprofile%|c:\\)\\?\*?|\bshred\b[^\n]{0,80}\s(?:~|\$HOME)|\bmkfs\.\w+\s+\/dev\/|\bdd\s+if=\/dev\/(?:zero|u?random)\s+of=\/dev\/[sn]/i;
const removers =
  /(?:^|\.)(?:rm|rmSync|rmdir|rmdirSync|remove|removeSync|rimraf|rimrafSync|sync|del|emptyDirSync)$/;

export const destructive: FileRule = {
  id: 'malware.destructive',
  title: 'Deletes the home folder or the whole disk',
  severity: 'critical',
  tier: 'block',
  why: 'Wipers, sometimes only in some countries or when nothing could be stolen. Nothing legitimate deletes a home folder as a whole.',
  *check(file): Iterable<Hit> {
    for (const call of file.facts?.calls ?? []) {
      const wipes =
        removers.test(call.name) &&
        /^(?:os\.homedir\(\)|process\.env\.(?:HOME|USERPROFILE))$/.test(call.nameOfArgument(0) ?? '');
      const runs =
        file.all('spawn').some(({ start }) => start === call.start) && command.test(call.text(0)?.text ?? '');
      if (!wipes && !runs) continue;
      yield { start: call.start };
      return;
    }
    const script = file.language === 'shell' ? command.exec(file.text) : null;
    if (script) yield { start: script.index, tier: 'review' };
  },
};
