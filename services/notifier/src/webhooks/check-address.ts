import { errorCodeOf, PermanentError, textFault, type WebhookFormat } from '@sluice/contracts';
import { findWay } from '@sluice/egress';
import type { NotifierDeps } from '../deps.ts';

/**
 * Refuses an address that nothing would be sent to. It is checked again at each connection: a name may resolve to another address then.
 * @returns the address as it may be shown: without its query, and that of a chat without its path, where secrets may be.
 * @throws PermanentError `webhook.address-refused`, `mail.unavailable`.
 */
export async function checkAddress(
  url: string,
  format: WebhookFormat,
  { receivers, mailer }: Pick<NotifierDeps, 'receivers' | 'mailer'>,
): Promise<string> {
  if (format === 'email') return checkMailAddress(url, mailer !== null);
  try {
    const way = await findWay(url, receivers);
    return `${way.url.origin}${format === 'slack' ? '/…' : way.url.pathname}`;
  } catch (error) {
    const isRefused = errorCodeOf(error) === 'egress.forbidden';
    const why = isRefused ? reasonOf(error as Error) : 'its host has no address';
    throw new PermanentError('webhook.address-refused', `The address is refused: ${why}`, { cause: error });
  }
}

/** Without the address, which is a secret, and without that of its host: who asks does not learn what is in our network. */
function reasonOf({ message }: Error): string {
  if (/ is a (?:\w+ address|metadata service)\.$/.test(message)) return 'its host has a private address';
  return message.replace(/^Not fetched from .*": /s, '');
}

/** One address without a name, so that a mail goes to nobody else. */
const mailAddress = /^mailto:[^\s@<>()[\]\\,;:"?%]{1,64}@[a-z\d](?:[a-z\d.-]{0,250}[a-z\d])?$/i;

function checkMailAddress(url: string, canSend: boolean): string {
  if (!canSend) throw new PermanentError('mail.unavailable', 'The notifier has no SMTP_URL.');
  if (mailAddress.test(url) && textFault(url) === null) return url;
  const why = 'it is no mailto: with one address, such as mailto:team@example.org';
  throw new PermanentError('webhook.address-refused', `The address is refused: ${why}.`);
}
