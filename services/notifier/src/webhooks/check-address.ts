import { errorCodeOf, PermanentError, type WebhookFormat } from '@sluice/contracts';
import { findWay } from '@sluice/egress';
import type { NotifierDeps } from '../deps.ts';

/**
 * Refuses an address that nothing would be sent to. It is checked again at each connection: a name may resolve to another address then.
 * @returns the address as it may be shown.
 * @throws PermanentError `webhook.address-refused`.
 */
export async function checkAddress(
  url: string,
  format: WebhookFormat,
  { receivers }: Pick<NotifierDeps, 'receivers'>,
): Promise<string> {
  try {
    const way = await findWay(url, receivers);
    return format === 'slack' ? `${way.url.origin}/…` : way.url.href;
  } catch (error) {
    const isRefused = errorCodeOf(error) === 'egress.forbidden';
    // Without the address: that of a chat is a secret.
    const why = isRefused
      ? (error as Error).message.replace(/^Not fetched from .*": /s, '')
      : 'its host has no address';
    throw new PermanentError('webhook.address-refused', `The address is refused: ${why}`, { cause: error });
  }
}
