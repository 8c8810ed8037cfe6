import type { AskedRefresh } from '@sluice/api';
import { refreshProjectCommand, uuidV7 } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from '../deps.ts';
import { quotaExceeded } from './shown.ts';

/**
 * Has a project refreshed by hand.
 * @throws TransientError `quota.exceeded`; PermanentError `project.not-found`, `project.archived`.
 */
export async function refreshByHand(
  { bus }: Pick<GatewayDeps, 'bus'>,
  input: { projectId: string; by: string; reason: string },
): Promise<AskedRefresh> {
  const wish = { ...input, refreshId: uuidV7(), cause: 'manual' as const };
  const { result, refreshId, state, quota } = await sendCommand(bus, refreshProjectCommand, wish);
  if (refreshId === null || state === null)
    throw quotaExceeded(quota, 'A project is refreshed so often at most', new Date());
  return { refreshId, batchId: refreshId, state, joined: result === 'joined', quota };
}
