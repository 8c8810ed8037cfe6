import path from 'node:path/posix';
import type { Signal } from '../source/signal.ts';
import type { FileSummary, Hit, PackageContents, PackageRule } from './rule.ts';

/** Programs that run the code in a library. */
const loaders = /rundll32|regsvr32|LD_PRELOAD|DYLD_INSERT/i;

export const executableStarted: PackageRule = {
  id: 'package.executable-started',
  title: 'Starts a native executable that it brings along',
  severity: 'medium',
  tier: 'review',
  why: 'Machine code cannot be reviewed by reading, and here the package runs it. Look for how it was built, and whether it is the same as what its maker publishes.',
  *check({ files }: PackageContents): Iterable<Hit> {
    const executables = [...files].filter(([, { kind }]) => kind === 'executable').map(([file]) => file);
    if (executables.length === 0) return;
    for (const [file, summary] of files) {
      const started = startOf(summary, executables);
      if (!started) continue;
      const line = summary.signals.find(({ kind }) => kind === 'spawn')?.line ?? null;
      yield { file, line, title: `Starts a native executable that it brings along: ${started}` };
      return;
    }
  },
};

function startOf({ signals, loads }: FileSummary, executables: readonly string[]): string | undefined {
  const spawns = signals.filter(({ kind }) => kind === 'spawn');
  if (spawns.length === 0) return undefined;
  const isNamed = (executable: string) => {
    const name = path.basename(executable);
    return (
      spawns.some(({ detail }) => detail.includes(name)) ||
      (spawns.some(isLoader) && loads.some((load) => load.endsWith(name)))
    );
  };
  return executables.find(isNamed);
}

function isLoader({ detail }: Signal): boolean {
  return loaders.test(detail);
}
