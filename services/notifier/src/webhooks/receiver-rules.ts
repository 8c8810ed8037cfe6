import type { EgressRules } from '@sluice/egress';

const host = /^(?:\*|(?:\*\.)?[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?)$/i;
const origin = /^https?:\/\/[^/?#@\s]+$/i;

/** Whether a text may stand in WEBHOOK_HOSTS. */
export function isReceiverEntry(text: string): boolean {
  return host.test(text) || (origin.test(text) && URL.canParse(text));
}

/**
 * Where webhooks may go, by WEBHOOK_HOSTS: a host is reached over https at public addresses, and an origin as it stands, at a private
 * address and without TLS as well. Pure.
 */
export function receiverRules(entries: readonly string[]): EgressRules {
  const isOrigin = (text: string) => text.includes('://');
  return {
    allowHosts: entries.filter((text) => !isOrigin(text)),
    trustedOrigins: entries.filter(isOrigin),
  };
}
