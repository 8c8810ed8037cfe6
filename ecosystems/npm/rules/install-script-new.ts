import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';
import { installCommands } from '../manifest.ts';

export const installScriptNew: AssessmentRule = {
  id: 'malware.install-script-new',
  title: 'Runs a script at install, which the version before did not',
  severity: 'medium',
  tier: 'review',
  why: "When a maintainer's account is taken over, the version that follows gains an install script. Legitimate packages gain one rarely, and never take it back and forth.",
  *check({ registry, archived }: AssessmentView): Iterable<Hit> {
    const hooks = archived ? installCommands(archived).map(({ hook }) => hook) : registry.runsAtInstall;
    if (hooks.length > 0 && registry.previousRanAtInstall === false) {
      yield {
        file: 'package.json',
        title: `Runs a script at ${hooks.join(', ')}, which the version before did not`,
      };
    }
  },
};
