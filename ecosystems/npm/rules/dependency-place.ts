import { printable } from '@sluice/contracts';
import type { Hit, PackageManifest } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';
import { placeKind, readAlias, type PlaceKind } from '../lockfiles/spec.ts';

const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;
const words: Record<PlaceKind, string> = {
  url: 'from an address',
  git: 'from a git repository',
  file: 'from a path',
  alias: 'under another name',
};

export const dependencyPlace: NpmPackageRule = {
  id: 'malware.dependency-place',
  title: 'A dependency comes from elsewhere than the registry',
  severity: 'high',
  tier: 'review',
  why: 'What an address or a repository hands out can differ for each victim and each day, and no check by name sees it. One in two thousand published packages has such a dependency. Look at who owns the address, and at what it serves now; of another name, at the package that is really installed.',
  *check({ packages }: NpmContents): Iterable<Hit> {
    for (const { folder, manifest } of packages) {
      if (manifest) yield* placesOf(manifest, `${folder}package.json`);
    }
  },
};

function* placesOf(manifest: PackageManifest, file: string): Iterable<Hit> {
  for (const kind of kinds) {
    for (const [name, spec] of Object.entries(manifest[kind])) {
      const place = placeKind(spec);
      if (place === null) continue;
      const title = `The dependency ${printable(name, 80)} comes ${words[place]}`;
      const excerpt = printable(`${kind}: ${name}: ${spec}`, 200);
      yield { file, title, excerpt, ...(isVariant(name, spec) ? { tier: 'note', severity: 'low' } : {}) };
    }
  }
}

/** `string-width-cjs` for `string-width`: another version of a package under a name that says which one it is. */
function isVariant(name: string, spec: string): boolean {
  const alias = readAlias(spec);
  return alias !== null && /^[-.@_]/.test(name.slice(alias.name.length)) && name.startsWith(alias.name);
}
