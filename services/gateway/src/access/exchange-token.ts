import type { CreatedKey } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { TrustedToken } from '@sluice/identity';
import type { Tx } from '@sluice/postgres';
import { createKey } from './api-keys.ts';

const minuteMs = 60_000;
/** Clocks may differ: a token is remembered for a while after it has ended. */
const rememberedAfterMs = 5 * 60_000;
/** Of a token, for the audit: enough to find the run of the build, and no text without bounds. */
const shownClaims = [
  'sub',
  'repository',
  'repository_id',
  'project_path',
  'project_id',
  'ref',
  'workflow_ref',
  'job_workflow_ref',
  'environment',
  'run_id',
  'pipeline_id',
  'job_id',
  'actor',
  'user_login',
];
const shownMaxChars = 300;

/**
 * Makes a key of some minutes for the build whose token it is. The token is used up by the same transaction.
 * @throws PermanentError `access.token-used` for one that was exchanged before.
 */
export async function exchangeToken(
  tx: Tx,
  { rule, issuer, tokenId, expiresAt, claims }: TrustedToken,
  now: Date,
): Promise<CreatedKey> {
  const end = new Date(expiresAt.getTime() + rememberedAfterMs);
  const used = await tx`
    insert into used_tokens (issuer, token_id, expires_at) values (${issuer}, ${tokenId}, ${end})
    on conflict do nothing returning token_id`;
  if (used.length === 0)
    throw new PermanentError('access.token-used', `The token ${tokenId} of ${issuer} was exchanged before.`);
  await tx`delete from used_tokens where expires_at < ${now}`;
  const { name, roles, scopes = null, minutes, owner = null } = rule;
  const wish = {
    name,
    kind: 'service' as const,
    owner,
    roles,
    scopes,
    expiresAt: new Date(now.getTime() + minutes * minuteMs),
    reason: `for a build: ${describe(issuer, claims)}`,
  };
  return createKey(tx, wish, name, now);
}

function describe(issuer: string, claims: TrustedToken['claims']): string {
  const told = shownClaims.flatMap((claim) => {
    const value = claims[claim];
    return typeof value === 'string' || typeof value === 'number'
      ? [`${claim} ${String(value).slice(0, shownMaxChars)}`]
      : [];
  });
  return [issuer, ...told].join(', ');
}
