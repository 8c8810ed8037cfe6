import type { OpenAPIHono } from '@hono/zod-openapi';

/** For answers that are data: nothing in them runs and no page shows them, even if a browser takes them for a page. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Headers of every answer; a page sets a policy of its own. There are no CORS headers: no other origin reads answers. */
export const securityHeaders = {
  'content-security-policy': dataPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export function addSecurityHeaders(app: OpenAPIHono): void {
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });
}
