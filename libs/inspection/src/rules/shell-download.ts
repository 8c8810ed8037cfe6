import type { FileRule, Hit } from './rule.ts';

export const shellDownload: FileRule = {
  id: 'malware.shell-download',
  title: 'Runs a command that downloads and runs code',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'What a server hands out at that moment is run unseen, and can differ for each victim. Libraries do not install software; tools that do say so.',
  needs: [['programs']],
  *check(file): Iterable<Hit> {
    if (file.language === 'javascript') {
      const downloads = file.all('download-pipe');
      const command = file.facts?.calls.find(
        (call) => file.startsAt('spawn', call.start) && downloads.some(inside(call.start, call.end)),
      );
      if (command) yield { start: command.start };
      return;
    }
    const [command] = file.all('download-pipe');
    if (command && file.language === 'shell') yield { start: command.start, tier: 'note' };
  },
};

function inside(start: number, end: number) {
  return (signal: { start: number }) => signal.start >= start && signal.start < end;
}
