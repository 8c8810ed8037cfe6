import type { Hit } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';
import { reachableFiles } from '../install-files.ts';

const codeName = /\.(?:[cm]?[jt]sx?|json|sh|bash|py|rb|pl|ps1)$/i;

export const disguisedFile: NpmPackageRule = {
  id: 'malware.disguised-file',
  title: 'A file is not what it seems to be',
  severity: 'high',
  tier: 'review',
  why: 'Scanners and reviewers pass over programs, archives and pictures. Code that begins like one of these, or one of these under the name of a script that is loaded, has no other purpose. Look at the whole file, not at its first lines.',
  *check(contents: NpmContents): Iterable<Hit> {
    const claims = [...contents.files].filter(([, { format }]) => format !== null);
    if (claims.length === 0) return;
    const reachable = reachableFiles(contents);
    for (const [file, { kind, format }] of claims) {
      // The mark of a tar is in its middle, where code may have any word.
      const isCode = (kind === 'source' || kind === 'shell') && format !== 'tar';
      if (isCode) yield { file, title: `Is code, and begins like a file of ${format}` };
      else if (kind !== 'text' && codeName.test(file) && reachable.has(file))
        yield { file, title: `Is loaded as code, and holds a file of ${format}` };
    }
  },
};
