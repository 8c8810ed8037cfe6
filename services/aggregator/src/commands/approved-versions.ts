import {
  formatPurl,
  parsePurl,
  requireScope,
  type ApprovedVersionsInput,
  type ApprovedVersionsOutput,
} from '@sluice/contracts';
import { canonicalPurl } from '@sluice/ecosystems/names';
import { asTransient } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';

/**
 * Versions of packages that an approval holds for now in a scope, under the names that were asked for.
 * @throws PermanentError `purl.invalid`, `scope.unknown`.
 */
export async function approvedVersions(
  { scope, packages }: ApprovedVersionsInput,
  { sql, scopes, now }: Pick<AggregatorDeps, 'sql' | 'scopes' | 'now'>,
): Promise<ApprovedVersionsOutput> {
  requireScope(scope, scopes);
  const asked = new Map(packages.map((name) => [canonicalPackage(name), name]));
  const rows = await sql<{ purl: string }[]>`
    select purl from packages
    where regexp_replace(purl, '@[^@]*$', '') = any(${[...asked.keys()]}::text[]) and scope = ${scope}
      and decision ->> 'state' = 'approved' and coalesce((decision ->> 'until')::timestamptz > ${now()}, true)
    order by purl`.catch((error: unknown) => {
    throw asTransient(error);
  });
  const found = new Map<string, string[]>();
  for (const { purl } of rows) {
    const { version, ...about } = parsePurl(purl);
    const name = asked.get(withoutVersion({ ...about, version }))!;
    found.set(name, [...(found.get(name) ?? []), version]);
  }
  return { packages: [...found].map(([name, versions]) => ({ package: name, versions })) };
}

const canonicalPackage = (name: string) => withoutVersion(parsePurl(canonicalPurl(`${name}@0`)));

function withoutVersion(about: Parameters<typeof formatPurl>[0]): string {
  return formatPurl({ ...about, version: '' }).slice(0, -1);
}
