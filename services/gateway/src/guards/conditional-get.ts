import type { OpenAPIHono } from '@hono/zod-openapi';
import { etag } from 'hono/etag';

/** Weak: a proxy may compress the answer, which leaves its meaning as it is. */
const withTag = etag({ weak: true });

/**
 * Lets clients poll cheaply: answers that are data have a tag of their content, and whoever sends it back gets 304 and
 * no body while nothing changed. No answer may be taken from a cache unasked: what it says is true for now.
 */
export function answerConditionally(app: OpenAPIHono): void {
  app.use('/v1/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-cache');
    // A stream of events has no end that its content could be known at.
    if (c.res.headers.get('content-type')?.startsWith('application/json'))
      await withTag(c, () => Promise.resolve());
  });
}
