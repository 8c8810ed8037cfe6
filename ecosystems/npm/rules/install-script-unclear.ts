import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';
import { installHooks } from '../install-hooks.ts';
import { commandOf } from './install-rule.ts';

export const installScriptUnclear: NpmPackageRule = {
  id: 'malware.install-script-unclear',
  title: 'Runs something at install that is not understood',
  severity: 'high',
  tier: 'review',
  why: 'One in a hundred packages has a hook at all, and most of these call a known tool that builds or fetches an addon. Any other command can do anything to the machine of whoever installs. Look at what the named word runs, and where it comes from.',
  *check(contents: NpmContents): Iterable<Hit> {
    for (const hook of installHooks(contents)) {
      for (const why of hook.verdict.unclear) {
        const title = `Not understood at ${hook.hook}: ${printable(why, 100)}`;
        yield { file: hook.manifestFile, line: hook.line, excerpt: commandOf(hook), title };
      }
    }
  },
};
