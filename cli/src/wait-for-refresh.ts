import { setTimeout as delay } from 'node:timers/promises';
import { refreshDetailSchema, type AskedRefresh, type ShownRefreshDetail } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

/** Often enough to look live, seldom enough to cost nothing. */
const pollMs = 500;

export function readRefresh(
  api: ApiClient,
  projectId: string,
  refreshId: string,
): Promise<ShownRefreshDetail> {
  return api.get(refreshDetailSchema, `/v1/projects/${projectId}/refreshes/${refreshId}`);
}

/**
 * Follows a refresh until it ends.
 * @throws CommandError with exit code 3 after the timeout, 2 for one that failed or was cancelled.
 */
export async function waitForRefresh(
  api: ApiClient,
  projectId: string,
  { refreshId }: Pick<AskedRefresh, 'refreshId'>,
  timeoutMs: number,
): Promise<ShownRefreshDetail> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const refresh = await readRefresh(api, projectId, refreshId);
    const { state, failure } = refresh;
    if (failure)
      throw new CommandError(exitCodes.usage, failure.detail, failure.remedy, { code: failure.code });
    if (state === 'cancelled')
      throw new CommandError(exitCodes.usage, `Refresh ${refreshId} was cancelled.`, undefined, {
        code: 'refresh.cancelled',
      });
    if (state === 'completed') return refresh;
    if (Date.now() > deadline)
      throw new CommandError(
        exitCodes.timeout,
        `Refresh ${refreshId} is not completed in the given time.`,
        `The work goes on; look again with: npm run sluice -- job status ${refreshId}`,
        { code: 'refresh.not-completed' },
      );
    await delay(pollMs);
  }
}
