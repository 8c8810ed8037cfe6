import type { OpenAPIHono } from '@hono/zod-openapi';
import { etag } from 'hono/etag';

/** Weak: a proxy may compress the answer, which leaves its meaning as it is. */
const withTag = etag({ weak: true });

/**
 * Lets clients poll cheaply: JSON answers have a tag of their content, and a request with that tag gets 304 without a
 * body until the content changes. Caches must ask each time (`no-cache`): an answer may be out of date at once.
 */
export function answerConditionally(app: OpenAPIHono): void {
  app.use('/v1/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-cache');
    // A stream of events has no end, so its content has no tag.
    if (c.res.headers.get('content-type')?.startsWith('application/json'))
      await withTag(c, () => Promise.resolve());
  });
}
