import { parsePurl } from '@sluice/contracts';
import { names } from '@sluice/ecosystems/names';
import { readVersionRange, type Waiver } from '@sluice/policy';

/** A waiver of a package, as its row has it. */
export interface StoredWaiver {
  id: string;
  codes: string[];
  advisories: string[];
  range: string | null;
  until: string;
}

/** SQL: waivers of the package of a row of `packages` in its scope that were not ended; null for none. */
export const waiversColumn = `
  (select json_agg(json_build_object('id', w.id, 'codes', w.codes, 'advisories', w.advisories, 'range', w.range, 'until', w.until))
    from waivers w where w.scope = packages.scope and w.package = regexp_replace(packages.purl, '@[^@]*$', '')
      and w.ended is null) as waivers`;

/** Those whose range has the version. One whose range cannot be read any more waives nothing. */
export function waiversOf(purl: string, stored: readonly StoredWaiver[] | null): Waiver[] {
  if (stored === null) return [];
  const { type, version } = parsePurl(purl);
  const rules = names.find((one) => one.type === type);
  return stored
    .filter(({ range }) => range === null || (rules !== undefined && isWithin(range, version, rules)))
    .map(({ until, ...waiver }) => ({ ...waiver, until: new Date(until) }));
}

function isWithin(range: string, version: string, rules: Parameters<typeof readVersionRange>[1]): boolean {
  try {
    return readVersionRange(range, rules)(version);
  } catch {
    return false;
  }
}
