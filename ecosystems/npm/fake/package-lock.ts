/** One package of a lockfile that a test builds. */
export interface LockedPackage {
  name: string;
  version: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  optional?: boolean;
  /** Folder of an enclosing package, for a second version of the same name: `node_modules/a`. */
  inside?: string;
  /** The real name where `name` is an alias (`"x": "npm:real@1.0.0"`). */
  alias?: string;
  dependencies?: Record<string, string>;
}

/**
 * The text of a package-lock.json: version 1 has only the nested `dependencies`, 3 only the flat `packages`, 2 both
 * (docs of npm, "package-lock.json").
 */
export function packageLock(lockfileVersion: 1 | 2 | 3, packages: LockedPackage[], name = 'app'): string {
  const nested = lockfileVersion < 3 ? { dependencies: nestedDependencies(packages) } : {};
  const flat = lockfileVersion > 1 ? { packages: flatPackages(packages, name) } : {};
  return JSON.stringify(
    { name, version: '1.0.0', lockfileVersion, requires: true, ...flat, ...nested },
    null,
    2,
  );
}

function facts({ version, integrity, resolved, dev, optional }: LockedPackage): Record<string, unknown> {
  // JSON.stringify leaves out undefined fields, as npm does.
  return { version, resolved, integrity, dev, optional };
}

function flatPackages(packages: LockedPackage[], name: string): Record<string, unknown> {
  const direct = packages.filter(({ inside }) => inside === undefined);
  const root = {
    name,
    version: '1.0.0',
    dependencies: Object.fromEntries(direct.map((one) => [one.name, one.version])),
  };
  const entries = packages.map((one) => {
    const path = `${one.inside === undefined ? '' : `${one.inside}/`}node_modules/${one.name}`;
    const aliased = one.alias === undefined ? {} : { name: one.alias };
    return [path, { ...aliased, ...facts(one), dependencies: one.dependencies }] as const;
  });
  return { '': root, ...Object.fromEntries(entries) };
}

interface NestedEntry {
  version: string;
  dependencies?: Record<string, NestedEntry>;
  [field: string]: unknown;
}

function nestedDependencies(packages: LockedPackage[]): Record<string, NestedEntry> {
  const top: Record<string, NestedEntry> = {};
  for (const one of packages) {
    const version = one.alias === undefined ? one.version : `npm:${one.alias}@${one.version}`;
    holderOf(top, one.inside)[one.name] = { ...facts(one), version, requires: one.dependencies };
  }
  return top;
}

/** The `dependencies` object that an entry inside `node_modules/a/node_modules/b` belongs to. */
function holderOf(top: Record<string, NestedEntry>, inside: string | undefined): Record<string, NestedEntry> {
  const names =
    inside
      ?.split('node_modules/')
      .map((part) => part.replace(/\/$/, ''))
      .filter(Boolean) ?? [];
  return names.reduce((holder, name) => {
    const parent = holder[name];
    if (parent === undefined) throw new Error(`${inside} is not in the lockfile before what lies inside it.`);
    return (parent.dependencies ??= {});
  }, top);
}
