import type { PypiPackageRule } from '../contents.ts';

export const manifestUnreadable: PypiPackageRule = {
  id: 'manifest.unreadable',
  title: 'The metadata cannot be relied on',
  severity: 'high',
  tier: 'review',
  why: 'Name, version, dependencies and license are read from the metadata in the archive. Without them, or where two readers take them differently, it is not known of which package version the archive is.',
  *check({ kind, metadata, infoFolders, build }) {
    const file = kind === 'wheel' ? 'METADATA' : 'PKG-INFO';
    if (metadata === null) yield { file, title: 'The archive has no metadata' };
    else if (metadata.problem !== null) yield { file, excerpt: metadata.problem };
    if (infoFolders.length > 1)
      yield { file: infoFolders[1]!, title: 'The wheel has several folders of metadata, which pip refuses' };
    if (build.problem !== null) yield { file: 'pyproject.toml', excerpt: build.problem };
  },
};
