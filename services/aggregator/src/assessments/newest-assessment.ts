import type { Tx } from '@sluice/postgres';

/** SQL: the newest assessment that a package version `p` has a verdict of, in any scope. */
export function newestAssessment(tx: Tx) {
  return tx`
    select n.* from packages s join assessments n on n.id = s.assessment_id
    where s.purl = p.purl order by n.ended_at desc limit 1`;
}
