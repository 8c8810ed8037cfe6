import {
  PermanentError,
  decisionsMax,
  requireScope,
  type DecideManyInput,
  type DecideManyOutput,
  type Decision,
  type Look,
} from '@sluice/contracts';
import { asTransient, type Sql } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { decidePackage } from './decide.ts';

type Item = DecideManyOutput['items'][number];

/** Ends the transaction of a preview: what was decided in it is taken back. */
class Preview extends Error {
  /** Null for an approval that would wait for another person's. */
  readonly decision: Decision | null;

  constructor(decision: Decision | null) {
    super('A preview decides nothing.');
    this.decision = decision;
  }
}

/**
 * Decides many package versions, each in a transaction of its own and by the same rules as a single one. A preview goes the same
 * way and takes each back.
 * @throws PermanentError `scope.unknown`, `decision.count-differs`, `decision.too-many`.
 */
export async function decideMany(input: DecideManyInput, deps: AggregatorDeps): Promise<DecideManyOutput> {
  const { scope, state, dryRun, expectedCount } = input;
  requireScope(scope, deps.scopes);
  const purls = input.purls === null ? await choose(input, deps) : [...new Set(input.purls)];
  if (!dryRun && expectedCount !== purls.length)
    throw new PermanentError(
      'decision.count-differs',
      `${purls.length} package versions would be decided, and ${expectedCount ?? 'no number'} was expected.`,
    );
  const items: Item[] = [];
  for (const purl of purls) items.push(await decideOne(purl, state, input, deps));
  const refused = items.filter(({ refusal }) => refusal !== null).length;
  return { items, decided: items.length - refused, refused };
}

async function decideOne(
  purl: string,
  state: DecideManyInput['state'],
  { scope, by, reason, until, dryRun, person, otherNames, isLocal, looks }: DecideManyInput,
  deps: AggregatorDeps,
): Promise<Item> {
  const wish = { purl, scope, by, reason, until, assessmentId: null, person, otherNames, isLocal };
  let seen: Look = { assessmentId: null, sequence: 0 };
  try {
    const { decision } = await decidePackage(state, wish, deps, looks?.[purl] ?? null, {
      looked: (now) => (seen = now),
      beforeCommit: (made) => {
        if (dryRun) throw new Preview(made);
      },
    });
    return { purl, ...seen, decision, refusal: null };
  } catch (error) {
    if (error instanceof Preview) {
      const detail = 'It would wait for another person to approve it as well.';
      const refusal = error.decision ? null : { code: 'decision.needs-second', detail };
      return { purl, ...seen, decision: error.decision, refusal };
    }
    // What concerns all of them ends the act; those that were decided before are, and show so when it is sent again.
    if (!(error instanceof PermanentError)) throw error;
    return { purl, ...seen, decision: null, refusal: { code: error.code, detail: error.message } };
  }
}

/**
 * Package versions that wait for a person, and whose verdict would approve but for one reason code: others may have something else
 * against them that the decider has not looked at.
 */
async function choose({ scope, code }: DecideManyInput, { sql }: { sql: Sql }): Promise<string[]> {
  const rows = await sql<{ purl: string }[]>`
    select p.purl from packages p join verdicts v on v.assessment_id = p.assessment_id and v.scope = p.scope
    where p.scope = ${scope} and coalesce(p.decision ->> 'state', 'recalled') = 'recalled'
      and v.verdict ->> 'outcome' = 'review'
      and (select bool_and(r ->> 'code' = ${code}) from json_array_elements(v.verdict -> 'reasons') as reasons (r)
        where r ->> 'outcome' <> 'approve')
    order by p.purl limit ${decisionsMax + 1}`.catch((error: unknown) => {
    throw asTransient(error);
  });
  if (rows.length > decisionsMax)
    throw new PermanentError(
      'decision.too-many',
      `More than ${decisionsMax} package versions wait for ${code} alone.`,
    );
  return rows.map(({ purl }) => purl);
}
