import type { Hit, PackageContents, PackageRule } from './rule.ts';

export const nestedArchive: PackageRule = {
  id: 'package.nested-archive',
  title: 'Contains an archive that was not looked into',
  severity: 'low',
  tier: 'note',
  why: 'What is packed twice escapes a scan of the package; something has to unpack it before it can do anything.',
  *check(contents: PackageContents): Iterable<Hit> {
    for (const [file, { kind, format }] of contents.files) {
      if (kind === 'archive')
        yield { file, title: `Contains an archive that was not looked into: ${format}` };
    }
  },
};
