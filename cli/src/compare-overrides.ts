import { isLinkTo, namesTag, placeKind, readAlias } from '@sluice/ecosystems/npm/specs';
import { objectOf, type Json } from './json.ts';

const groups = ['devDependencies', 'optionalDependencies', 'dependencies', 'peerDependencies'];
const marker = 'node_modules/';

type Override = [name: string, spec: string];

/**
 * An override that names a place or a tag and that the lockfile does not hold: npm fetches a package anew that an override does
 * not fit. Which copies of a package one reaches depends on the whole tree, so every copy has to fit.
 * Source: @npmcli/arborist, `override-set.js` and `dep-valid.js`.
 * @returns null when the lockfile satisfies all overrides.
 */
export function overrideMisfit(manifest: Json, lock: Json): Override | null {
  const entries = entriesOf(lock);
  const asked = overridesOf(objectOf(manifest.overrides)).flatMap((override) => resolved(override, manifest));
  return (
    asked.find(([name, spec]) =>
      entries.some(([entryName, entry]) => entryName === name.toLowerCase() && !fits(entry, spec)),
    ) ?? null
  );
}

/** Overrides at any depth; a key's own spec counts where its value gives none. */
function overridesOf(overrides: Json): Override[] {
  return Object.entries(overrides).flatMap(([key, value]): Override[] => {
    if (key === '.') return [];
    const at = key.indexOf('@', 1);
    const name = at < 0 ? key : key.slice(0, at);
    const ownSpec: Override[] = at < 0 ? [] : [[name, key.slice(at + 1)]];
    if (typeof value === 'string') return value === '' ? ownSpec : [[name, value]];
    const { '.': own, ...inner } = objectOf(value);
    return [
      ...(typeof own === 'string' && own !== '' ? [[name, own] satisfies Override] : ownSpec),
      ...overridesOf(inner),
    ];
  });
}

/** `$name` stands for the project's own spec of that name. */
function resolved([name, spec]: Override, manifest: Json): Override[] {
  if (!spec.startsWith('$')) return [[name, spec]];
  return groups.flatMap((group): Override[] => {
    const own = objectOf(manifest[group])[spec.slice(1)];
    return typeof own === 'string' ? [[name, own]] : [];
  });
}

/** All entries of any version of lockfile, by the name that others ask for them with, in lower case as npm falls back to. */
function entriesOf(lock: Json): [name: string, entry: Json][] {
  const placed = Object.entries(objectOf(lock.packages)).flatMap(([place, entry]): [string, Json][] => {
    const index = place.lastIndexOf(marker);
    return index < 0 ? [] : [[place.slice(index + marker.length).toLowerCase(), objectOf(entry)]];
  });
  return placed.length > 0 ? placed : nestedEntries(objectOf(lock.dependencies));
}

function nestedEntries(dependencies: Json): [string, Json][] {
  return Object.entries(dependencies).flatMap(([name, value]) => {
    const entry = objectOf(value);
    return [[name.toLowerCase(), entry] as [string, Json], ...nestedEntries(objectOf(entry.dependencies))];
  });
}

function fits(entry: Json, spec: string): boolean {
  const version = textOf(entry.version);
  const source = textOf(entry.resolved);
  switch (placeKind(spec)) {
    case 'url':
      return source === spec || version === spec;
    case 'alias': {
      const alias = readAlias(spec);
      const name = readAlias(version)?.name ?? entry.name;
      return alias !== null && alias.name === name && (source !== '' || !namesTag(alias.version));
    }
    // These are refused or waited for by themselves: it is enough that the entry is one.
    case 'git':
      return [source, version].some((text) => /^(?:git|github:)/i.test(text));
    case 'file':
      return entry.link === true
        ? isLinkTo(source, '', spec)
        : [source, version].some((text) => /^file:/i.test(text));
    case null:
      return source !== '' || !namesTag(spec);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
