import type { Hit, PackageContents, PackageRule } from './rule.ts';

export const bundledExecutable: PackageRule = {
  id: 'package.bundled-executable',
  title: 'Contains a native executable',
  severity: 'info',
  tier: 'note',
  why: 'Machine code cannot be reviewed by reading, and need not be what the source beside it compiles to.',
  *check(contents: PackageContents): Iterable<Hit> {
    for (const [file, { kind, format }] of contents.files) {
      if (kind === 'executable') yield { file, title: `Contains a native executable: ${format}` };
    }
  },
};
