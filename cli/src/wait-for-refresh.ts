import { refreshDetailSchema, type AskedRefresh, type ShownRefreshDetail } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { pollUntil } from './poll-until.ts';

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
  const refresh = await pollUntil(() => readRefresh(api, projectId, refreshId), {
    isDone: ({ state, failure }) => failure !== null || state === 'cancelled' || state === 'completed',
    timeoutMs,
    late: () => ({
      message: `Refresh ${refreshId} is not completed in the given time.`,
      lookAgain: `job status ${refreshId}`,
      code: 'refresh.not-completed',
    }),
  });
  const { state, failure } = refresh;
  if (failure)
    throw new CommandError(exitCodes.usage, failure.detail, failure.remedy, { code: failure.code });
  if (state === 'cancelled')
    throw new CommandError(exitCodes.usage, `Refresh ${refreshId} was cancelled.`, undefined, {
      code: 'refresh.cancelled',
    });
  return refresh;
}
