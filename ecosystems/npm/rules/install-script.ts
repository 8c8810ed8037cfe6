import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import { isBuiltByNpm, rootGypFiles } from '../gyp/gyp-builds.ts';
import { installHooks } from '../install-hooks.ts';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

export const installScript: NpmPackageRule = {
  id: 'package.install-script',
  title: 'Runs a script when it is installed',
  severity: 'info',
  tier: 'note',
  why: 'Install scripts run with the rights of whoever installs. Most build or fetch native parts; that there is one says only where to look first.',
  *check(contents: NpmContents): Iterable<Hit> {
    for (const { hook, command, manifestFile, line } of installHooks(contents)) {
      yield { file: manifestFile, line, title: `Runs at ${hook}: ${printable(command, 100)}` };
    }
    const built = contents.packages.filter(isBuiltByNpm);
    for (const file of built.flatMap((part) => rootGypFiles(contents, part))) {
      yield { file, title: 'npm builds a native addon at install: node-gyp rebuild' };
    }
  },
};
