import { z } from '@sluice/api';
import { CommandError, exitCodes } from './exit-codes.ts';

const answerMs = 10_000;
const answerSchema = z.object({ value: z.string().min(1) });

/**
 * The token with which the build that runs this command says who it is: SLUICE_ID_TOKEN, which GitLab and others fill in, or the one
 * that GitHub Actions hands out.
 * @throws CommandError where there is none.
 */
export async function buildToken(env: NodeJS.ProcessEnv, audience: string): Promise<string> {
  const { SLUICE_ID_TOKEN: given } = env;
  if (given) return given.trim();
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = env;
  if (!address || !secret)
    throw new CommandError(
      exitCodes.usage,
      'This is no build with a token.',
      'Set SLUICE_ID_TOKEN, or give the job of GitHub Actions the permission "id-token: write"; docs/ci.md has both.',
    );
  const url = new URL(address);
  url.searchParams.set('audience', audience);
  try {
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${secret}` },
      redirect: 'error',
      signal: AbortSignal.timeout(answerMs),
    });
    if (!answer.ok) throw new Error(`it answered with ${answer.status}`);
    return answerSchema.parse(await answer.json()).value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(exitCodes.server, `GitHub Actions gives no token: ${why}.`, 'Run the job again.', {
      cause,
    });
  }
}
