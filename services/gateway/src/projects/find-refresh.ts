import { PermanentError, findRefreshCommand, type RefreshDetail } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';

/** @throws PermanentError `refresh.not-found`, also for one of another project. */
export async function findRefreshOf(
  { bus }: Pick<GatewayDeps, 'bus'>,
  projectId: string,
  refreshId: string,
): Promise<RefreshDetail> {
  const { refresh } = await sendCommand(bus, findRefreshCommand, { refreshId });
  if (refresh?.projectId === projectId.toLowerCase()) return refresh;
  throw new PermanentError('refresh.not-found', `Project ${projectId} has no refresh ${refreshId}.`);
}
