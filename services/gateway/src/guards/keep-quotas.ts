import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { defaultScope, TransientError } from '@sluice/contracts';
import type { Context } from 'hono';
import type { GatewayDeps } from '../deps.ts';
import { clientAddressOf } from '../http/client-address.ts';
import type { RouteOf } from '../http/documented-routes.ts';
import { findPage } from '../http/pages.ts';
import { byAddress, quotaNames, type QuotaName } from '../quotas/quotas.ts';
import { UsedUp } from '../quotas/used-up.ts';
import { takeQuota } from '../quotas/take-quota.ts';

/**
 * Refuses what a principal does more often than its quota has, before a body is read: one requester does not take the others'
 * time. Answers say how much is left (RateLimit header fields for HTTP). The user of this machine has none.
 */
export function keepQuotas(
  app: OpenAPIHono,
  deps: Pick<GatewayDeps, 'own' | 'quotas' | 'scopes' | 'isTrustedProxy'>,
  routeOf: RouteOf,
): void {
  const usedUp = new UsedUp();
  app.use(async (c, next) => {
    const name = quotaOf(routeOf(c)) ?? findPage(c.req.path)?.quota ?? null;
    const whose = name === null ? null : whoseOf(c, name, deps);
    if (name === null || whose === null) return next();
    const quota = deps.quotas[name];
    const key = `${name} ${whose}`;
    const secondsLeft = usedUp.secondsLeft(key);
    const { isWithin, remaining, resetsInSeconds } =
      secondsLeft === null
        ? await takeQuota(deps.own, key, quota)
        : { isWithin: false, remaining: 0, resetsInSeconds: secondsLeft };
    c.header('RateLimit-Policy', `"${name}";q=${quota.limit};w=${quota.windowSeconds}`);
    c.header('RateLimit', `"${name}";r=${remaining};t=${resetsInSeconds}`);
    if (isWithin) return next();
    if (secondsLeft === null) usedUp.note(key, resetsInSeconds);
    throw new TransientError(
      'quota.exceeded',
      `The quota "${name}" is ${quota.limit} in ${quota.windowSeconds} s, and is used up for ${resetsInSeconds} s.`,
      { retryAfterMs: resetsInSeconds * 1_000 },
    );
  });
}

function quotaOf(route: RouteConfig | undefined): QuotaName | null {
  const named = route?.['x-quota'] as unknown;
  return quotaNames.find((name) => name === named) ?? null;
}

/** Whose quota it is: a principal has one in each scope that there is; any other name is that of `default`. Null for who has none. */
function whoseOf(
  c: Context,
  name: QuotaName,
  deps: Pick<GatewayDeps, 'scopes' | 'isTrustedProxy'>,
): string | null {
  if (byAddress.has(name)) return clientAddressOf(c, deps) ?? 'unknown';
  const { id, kind } = c.var.principal;
  const scope = c.req.query('scope') ?? defaultScope;
  return kind === 'local' ? null : `${id} ${deps.scopes.has(scope) ? scope : defaultScope}`;
}
