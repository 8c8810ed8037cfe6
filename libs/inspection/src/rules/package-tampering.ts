import path from 'node:path/posix';
import { changedPaths } from '../source/changed-paths.ts';
import type { FileRule, Hit } from './rule.ts';

const code = /\.(?:[cm]?js|[cm]?ts|json|node|html|wasm)$|[\\/…]$/;

const sources = /\.[cm]?js$/;
const installed = /(?:^|[\\/])node_modules[\\/]+(?:@[\w.-]+[\\/]+)?[\w.-]+[\\/]+[\w.\\/-]*\.[cm]?js$/;

export const packageTampering: FileRule = {
  id: 'malware.package-tampering',
  title: 'Writes files of another package',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'What was judged of the other package is no longer what runs, and stays when this package is removed. Look at which file is written, and with what.',
  needs: [
    ['changes', 'otherPackages'],
    ['changes', 'decoders'],
  ],
  *check(file): Iterable<Hit> {
    for (const { start, path: target, isWhole, call } of changedPaths(file.facts)) {
      const isElsewhere =
        (isWhole && isOutside(file.path, target)) ||
        (isWhole && installed.test(target)) ||
        (sources.test(target) &&
          !/….*…/.test(target) &&
          call.text(targetIndex(call.name)) === null &&
          [...call.madeOf(targetIndex(call.name)).names].includes('require.resolve()'));
      if (!isElsewhere) continue;
      yield { start, title: `Writes files of another package: ${target.slice(-80)}` };
      return;
    }
  },
};

/** Whether a path that begins at the file's own folder leaves the package. */
function isOutside(file: string, target: string): boolean {
  if (!/^\.\.?\//.test(target) || !code.test(target)) return false;
  const place = path.join(path.dirname(file), target);
  return /^\.\.\/(?!\.\.)(?:@?[\w.-]+)\/./.test(place);
}

function targetIndex(name: string): number {
  return /copy|cp|move|rename|link/.test(name) ? 1 : 0;
}
