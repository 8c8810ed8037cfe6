import { isBuiltByNpm, rootGypFiles } from '../gyp/gyp-builds.ts';
import { allInstallCommands } from '../inspect/install-files.ts';
import { printable } from '../inspect/printable.ts';
import type { Hit, PackageContents, PackageRule } from './rule.ts';

export const installScript: PackageRule = {
  id: 'package.install-script',
  title: 'Runs a script when it is installed',
  severity: 'info',
  tier: 'note',
  why: 'Install scripts run with the rights of whoever installs. Most build or fetch native parts; that there is one says only where to look first.',
  *check(contents: PackageContents): Iterable<Hit> {
    for (const { hook, command, manifestFile } of allInstallCommands(contents)) {
      yield { file: manifestFile, title: `Runs at ${hook}: ${printable(command, 100)}` };
    }
    const built = contents.packages.filter(isBuiltByNpm);
    for (const file of built.flatMap((part) => rootGypFiles(contents, part))) {
      yield { file, title: 'npm builds a native addon at install: node-gyp rebuild' };
    }
  },
};
