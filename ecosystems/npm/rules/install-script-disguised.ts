import path from 'node:path/posix';
import type { Hit } from '@sluice/inspection/inspect';
import { installHooks } from '../install-hooks.ts';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

const scripts = new Set([
  '',
  '.js',
  '.cjs',
  '.mjs',
  '.ts',
  '.mts',
  '.cts',
  '.sh',
  '.cmd',
  '.bat',
  '.ps1',
  '.py',
  '.rb',
  '.pl',
  '.node',
]);

export const installScriptDisguised: NpmPackageRule = {
  id: 'malware.install-script-disguised',
  title: 'The install script runs a file that is no script',
  severity: 'high',
  tier: 'review',
  why: 'Code in an image, a text file or a hidden folder, or a binary that nobody can read, is run before anybody could look at it.',
  *check(contents: NpmContents): Iterable<Hit> {
    for (const { hook, files } of installHooks(contents)) {
      for (const file of files) {
        const summary = contents.files.get(file)!;
        if (summary.kind === 'executable' && summary.format !== 'wasm') {
          yield { file, title: `Runs a bundled ${summary.format} binary at ${hook}` };
        } else if (!scripts.has(path.extname(file).toLowerCase()) || /(?:^|\/)\.[^./]/.test(file)) {
          yield { file, title: `Runs ${file} at ${hook}` };
        }
      }
    }
  },
};
