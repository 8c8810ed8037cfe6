import { formatPurl, parsePurl, type Severity } from '@sluice/contracts';
import type { Fix } from '@sluice/policy';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { Assessment } from '../assessments/assessment.ts';
import { keyOf } from '../requests/credit-items.ts';
import type { Scopes } from '../scopes.ts';
import { judgeAll, type Judged, type PackageRow } from './decide-packages.ts';

/**
 * Judges assessments as `judgeAll` does. For those that their age alone or among others holds it is looked up whether they fix an
 * advisory that is in use in their scope; most batches have none, and cost no statement more.
 */
export async function judgeFound(
  tx: Tx,
  found: { row: PackageRow; assessment: Assessment }[],
  scopes: Scopes,
  now: Date,
): Promise<Judged[]> {
  const judged = judgeAll(found, scopes, now);
  const young = judged.filter(
    ({ verdict, policy }) =>
      policy.age.fixSeverity !== 'off' && verdict.reasons.some(({ code }) => code.startsWith('age.')),
  );
  if (young.length === 0) return judged;
  const fixes = await findFixes(
    tx,
    young.map(({ row }) => row),
  );
  return fixes.size === 0 ? judged : judgeAll(found, scopes, now, fixes);
}

/** Advisories that approved or recalled versions have and that these versions are the fix of, by the key of the row. */
async function findFixes(tx: Tx, rows: PackageRow[]): Promise<Map<string, Fix[]>> {
  const column = columnsOf(tx, rows);
  const found = await tx<(Fix & Pick<PackageRow, 'purl' | 'scope'> & { used: string })[]>`
    select w.purl, w.scope, u.purl as used, match ->> 'id' as advisory, match ->> 'severity' as severity
    from unnest(
        ${column(({ purl }) => purl)}, ${column(({ scope }) => scope)},
        ${column(({ purl }) => parsePurl(purl).version)}) as w (purl, scope, version)
      join packages u on regexp_replace(u.purl, '@[^@]*$', '') = regexp_replace(w.purl, '@[^@]*$', '')
        and u.scope = w.scope and u.purl <> w.purl and u.decision ->> 'state' in ('approved', 'recalled')
      join assessments a on a.id = u.assessment_id
      cross join json_array_elements(a.scan -> 'advisories' -> 'matches') as matches (match)
    where match ->> 'fixedIn' = w.version
    order by w.purl, w.scope, u.purl, match ->> 'id'`;
  const fixes = new Map<string, Fix[]>();
  for (const { used, advisory, severity, ...row } of found) {
    const own = fixes.get(keyOf(row)) ?? [];
    fixes.set(keyOf(row), [
      ...own,
      { advisory, severity: severity as Severity | null, version: parsePurl(used).version },
    ]);
  }
  return fixes;
}

/** Has versions judged again, soon, that wait for their age and are the fix of an advisory that was found now. */
export async function wakeFixes(tx: Tx, judged: Judged[], now: Date): Promise<void> {
  const fixes = judged.flatMap(({ row: { purl, scope }, assessment }) =>
    (assessment.scan?.advisories.matches ?? []).flatMap(({ fixedIn }) =>
      fixedIn === null ? [] : [{ purl: formatPurl({ ...parsePurl(purl), version: fixedIn }), scope }],
    ),
  );
  if (fixes.length === 0) return;
  const column = columnsOf(tx, fixes);
  await tx`
    update packages p set wake_at = ${now}
    from (select distinct purl, scope from unnest(
      ${column(({ purl }) => purl)}, ${column(({ scope }) => scope)}) as e (purl, scope)) as f
    where p.purl = f.purl and p.scope = f.scope and p.wake_at > ${now}`;
}
