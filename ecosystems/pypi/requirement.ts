import { pypiNames } from './names.ts';

/** A requirement of PEP 508: `requests[socks] >=2.8 ; python_version < "3.13"`. */
export interface Requirement {
  /** As written. */
  name: string;
  extras: string[];
  /** `>=2.8,<3`, without blanks; empty for any version. */
  specifier: string;
  /** Where it comes from in place of an index; null for an index. */
  url: string | null;
  /** The text behind the semicolon; null for none. */
  marker: string | null;
}

const head = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*/;
const clause = /^(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s,;()]+$/;

/**
 * Reads a requirement.
 * @returns null for a text that is none. Source: PyPA, "Dependency specifiers".
 */
export function readRequirement(text: string): Requirement | null {
  const start = head.exec(text);
  if (!start || !pypiNames.isName(start[1]!)) return null;
  const extras = (start[2] ?? '').split(',').map((extra) => extra.trim());
  const rest = text.slice(start[0].length);
  const found = { name: start[1]!, extras: extras.filter((extra) => extra !== '') };
  if (rest.startsWith('@')) {
    // A semicolon is a part of the address unless a blank stands before it.
    const [, url = '', marker] = /^@\s*(\S+)(?:\s+;\s*(.*))?$/s.exec(rest) ?? [];
    return url === '' ? null : { ...found, specifier: '', url, marker: marker?.trim() ?? null };
  }
  const semicolon = rest.indexOf(';');
  const versions = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim().replace(/^\((.*)\)$/s, '$1');
  const clauses = versions.split(',').map((one) => one.trim());
  const isAny = versions.trim() === '';
  if (!isAny && !clauses.every((one, at) => clause.test(one) || (one === '' && at > 0))) return null;
  return {
    ...found,
    specifier: clauses
      .filter((one) => one !== '')
      .map((one) => one.replaceAll(/\s+/g, ''))
      .join(','),
    url: null,
    marker: semicolon < 0 ? null : rest.slice(semicolon + 1).trim(),
  };
}

/** The version that a specifier pins with `==` or `===`, whatever else it asks for; null for a range, a wildcard and two versions. */
export function pinnedVersion(specifier: string): string | null {
  const pins = specifier.split(',').flatMap((one) => /^={2,3}([^=*]+)$/.exec(one)?.[1] ?? []);
  const [version, ...others] = new Set(pins);
  return version !== undefined && others.length === 0 ? version : null;
}
