import { changedPaths } from '../source/changed-paths.ts';
import type { FileRule, Hit } from './rule.ts';

const removing =
  /(?:^|\.)(?:unlink|unlinkSync|rm|rmSync|remove|removeSync|rimraf|rimraf\.sync|del|del\.sync)$/;
/** How the reader writes `__filename`. */
const ownFile = './?';
const ownManifest = /^\.{0,2}(?:\/\.\.)*\/?package\.json$/;
const removingCommand = /\b(?:rm|del|erase|shred|unlink)\b[^\n]{0,60}(?:\.\/\?|__filename|\$0\b|%~f0)/;

export const selfErasure: FileRule = {
  id: 'malware.self-erasure',
  title: 'Deletes itself after it ran',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Who looks at the installed package afterwards finds another one than ran. Nothing legitimate covers its tracks. Look at what the file does before it is gone.',
  needs: [['ownFile', 'removals'], ['ownFile', 'changes'], ['changes', 'manifests'], ['programs']],
  *check(file): Iterable<Hit> {
    const calls = file.facts?.calls ?? [];
    const erases = calls.find(
      (call) =>
        (removing.test(call.name) && call.text(0)?.text === ownFile) ||
        (file.startsAt('spawn', call.start) && removingCommand.test(call.command())),
    );
    if (erases) {
      yield { start: erases.start };
      return;
    }
    for (const { start, path, isWhole, call } of changedPaths(file.facts)) {
      if (!isWhole) continue;
      const isMove = /(?:rename|move|copy)/.test(call.name);
      if (path !== ownFile && !(isMove && ownManifest.test(path))) continue;
      const title =
        path === ownFile ? 'Overwrites itself after it ran' : 'Puts another package.json in place';
      yield { start, title };
      return;
    }
  },
};
