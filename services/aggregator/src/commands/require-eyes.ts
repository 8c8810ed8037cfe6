import { PermanentError, type DecideInput, type Verdict } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import { approversFor, type Policy } from '@sluice/policy';
import type { Tx } from '@sluice/postgres';
import { refuseRequester } from './refuse-requester.ts';

interface About {
  policy: Policy;
  verdict: Verdict | null;
  /** Of the decision before. */
  sequence: number;
  about: { purl: string; scope: string; assessmentId: string };
}

/** Who looked at it, and until when all of them approve; or how many people the policy wants, where they are too few. */
type Eyes = { endorsedBy: string[]; until: string | null } | { needsSecond: number; isNew: boolean };

const dayMs = 24 * 3_600_000;

/**
 * Applies the four eyes of the policy to a decision; the package version is locked. A rejection takes one person. People are
 * compared, not names: a service counts as the person who owns it.
 * @throws PermanentError `decision.self`, `decision.emergency-too-long`.
 */
export async function requireEyes(
  tx: Tx,
  state: 'approved' | 'rejected',
  input: DecideInput,
  { policy, verdict, sequence, about }: About,
  now: Date,
): Promise<Eyes> {
  const alone = { endorsedBy: [], until: input.until };
  if (state === 'rejected') return alone;
  if (input.emergency) {
    const isShort = input.until !== null && new Date(input.until).getTime() <= now.getTime() + dayMs;
    if (isShort) return alone;
    throw new PermanentError('decision.emergency-too-long', `until: ${input.until ?? 'it is missing'}.`);
  }
  await refuseRequester(tx, { purl: about.purl }, input, policy);
  const approvers = approversFor(verdict, policy);
  if (approvers === 1) return alone;
  const { purl, scope, assessmentId } = about;
  const person = input.person ?? input.by;
  const holding = await tx<{ person: string; by: string; until: Date | null }[]>`
    select person, by, until from endorsements
    where purl = ${purl} and scope = ${scope} and assessment_id = ${assessmentId} and sequence = ${sequence}
      and (until is null or until > ${now}) order by at`;
  const others = holding.filter((one) => one.person !== person);
  if (others.length + 1 >= approvers) {
    const ends = [input.until, ...others.map(({ until }) => until?.toISOString() ?? null)];
    return { endorsedBy: others.map(({ by }) => by), until: earliest(ends) };
  }
  const isNew = others.length === holding.length;
  if (isNew) {
    await tx`
      insert into endorsements (purl, scope, assessment_id, sequence, person, by, reason, until, at)
      values (${purl}, ${scope}, ${assessmentId}, ${sequence}, ${person}, ${input.by}, ${input.reason}, ${input.until}, ${now})`;
    const detail = { scope, reason: input.reason, until: input.until, approvers };
    await recordAudit(tx, 'aggregator', { actor: input.by, action: 'endorse', subject: purl, detail });
  }
  return { needsSecond: approvers, isNew };
}

/** The first end of several; null where none of them ends. */
function earliest(ends: readonly (string | null)[]): string | null {
  const times = ends.filter((end) => end !== null).map((end) => new Date(end).getTime());
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}
