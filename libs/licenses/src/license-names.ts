import { createRequire } from 'node:module';
import { nameAliases } from './license-aliases.ts';
import { licenseTokens } from './license-tokens.ts';
import { canonicalExpression } from './spdx-expression.ts';

export interface LicenseName {
  expression: string;
  /** Start of the identifiers that the name may mean, where it states no version: `GPL-`. */
  family?: string;
}

/** Longest name in words; "Historical Permission Notice and Disclaimer" variants are the longest ones. */
export const nameWordsMax = 16;

let known: ReadonlyMap<string, LicenseName> | undefined;
let exceptions: ReadonlyMap<string, string> | undefined;

/**
 * Known names by their words (`nameKey`): the identifiers and full names of the SPDX list, and the names that people
 * use besides. A name that the list gives to two licenses is none.
 */
export function licenseNames(): ReadonlyMap<string, LicenseName> {
  known ??= readNames();
  return known;
}

/** Known exceptions by their words; a name without a version stands for the only one of that name. */
export function exceptionNames(): ReadonlyMap<string, string> {
  exceptions ??= readExceptions();
  return exceptions;
}

/** The words of a name, as `licenseTokens` gives them, without the marks between them; null for no name. */
export function nameKey(name: string): string | null {
  const words = (licenseTokens(name) ?? []).flatMap((token) =>
    token.kind === 'word' ? [token.text] : token.kind === 'later' ? ['or later'] : [],
  );
  return words.length > 0 && words.length <= nameWordsMax ? words.join(' ') : null;
}

function readNames(): ReadonlyMap<string, LicenseName> {
  const require = createRequire(import.meta.url);
  const titles = require('spdx-license-list') as Record<string, { name: string }>;
  const ids = ['spdx-license-ids', 'spdx-license-ids/deprecated'].flatMap(
    (list) => require(list) as string[],
  );
  const names = new Map<string, LicenseName>();
  const ambiguous = new Set<string>();
  for (const id of ids) {
    const expression = canonicalExpression(id);
    if (expression === null) continue;
    for (const key of [nameKey(id), nameKey(titles[id]?.name ?? '')]) {
      if (key === null) continue;
      if ((names.get(key)?.expression ?? expression) !== expression) ambiguous.add(key);
      names.set(key, { expression });
    }
  }
  for (const key of ambiguous) names.delete(key);
  for (const { name, ...license } of nameAliases()) names.set(nameKey(name)!, license);
  return names;
}

function readExceptions(): ReadonlyMap<string, string> {
  const ids = createRequire(import.meta.url)('spdx-exceptions') as string[];
  const names = new Map<string, string>(ids.map((id) => [nameKey(id)!, id]));
  const unversioned = ids.map((id) => [nameKey(id)!.replace(/ \d[\d.]*$/, ''), id] as const);
  for (const [name, id] of unversioned) {
    const isOnly = unversioned.filter(([other]) => other === name).length === 1;
    if (isOnly && !names.has(name)) names.set(name, id);
  }
  return names;
}
