import { TransientError } from '@sluice/contracts';
import { createEgress } from '@sluice/egress';
import { IdTokens, type FetchDocument } from '@sluice/identity';
import { egressOptions, type ServiceContext } from '@sluice/runtime';
import type { GatewayConfig } from '../config.ts';

/** Lists of keys have some kilobytes. */
const documentMaxBytes = 512 * 1024;
const documentMs = 5_000;

/** The tokens that TRUST_RULES trusts; the keys of their issuers are fetched through the egress, and from nowhere else. */
export function openIdTokens({
  config,
  onStop,
}: Pick<ServiceContext<GatewayConfig>, 'config' | 'onStop'>): IdTokens {
  const rules = config.TRUST_RULES;
  const addresses = rules.flatMap(({ issuer, keysUrl }) => [issuer, ...(keysUrl ? [keysUrl] : [])]);
  const egress = createEgress({
    ...egressOptions(config),
    // An issuer within the network is the operator's to name.
    trustedOrigins: addresses.filter((address) => URL.canParse(address)),
    perHostConcurrency: 2,
  });
  onStop('egress', () => egress.close());
  const fetch: FetchDocument = async (url) => {
    const options = { maxBytes: documentMaxBytes, deadlineMs: documentMs, accept: 'application/json' };
    const { status, bytes } = await egress.getBytes(url, options).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TransientError('access.issuer-unavailable', `${url}: ${why}`, { cause });
    });
    if (status === 200) return bytes;
    throw new TransientError('access.issuer-unavailable', `${url} answers with ${status}.`);
  };
  return new IdTokens(rules, fetch);
}
