import type { Hit, PackageContents, PackageRule } from './rule.ts';

const configuration =
  /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|\.netrc|\.env(?:\.(?!example|sample|template|dist)\w+)?|\.git\/config|\.aws\/credentials)$/;

export const leftBehindFiles: PackageRule = {
  id: 'package.left-behind-file',
  title: 'Contains configuration that belongs to a machine',
  severity: 'low',
  tier: 'note',
  why: 'An .npmrc or .git/config in a package can redirect tools that run in its folder, and may carry credentials.',
  *check(contents: PackageContents): Iterable<Hit> {
    for (const file of contents.files.keys()) if (configuration.test(file)) yield { file };
  },
};
