import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError, type ErrorCode } from '@sluice/contracts';
import { parseSafeJson } from '@sluice/intake';
import type { GatewayDeps } from '../deps.ts';
import { readBody } from './read-body.ts';

/** Most commands are a few fields; the longest are a policy, and 500 package versions that are decided at once. */
const commandMaxBytes = 128 * 1024;

/** Problems of a command's body before its fields are looked at. */
export const commandBodyProblems = [
  'input.not-json',
  'input.slow-body',
  'input.too-deep',
  'input.too-large',
  'input.unsafe-key',
  'input.unsupported-media-type',
] as const satisfies ErrorCode[];

/** Submissions read their bodies themselves, since they are large; of webhooks the bytes are signed. */
const readsItself = /^\/v1\/(?:requests|batches|projects\/[^/]+\/hook)$/;
/** Methods of commands. */
const methods = new Set(['POST', 'PATCH', 'DELETE']);

/** Reads the bodies of commands under limits before any route sees them. */
export function readCommandBodies(app: OpenAPIHono, { bodyTimeoutMs }: GatewayDeps): void {
  app.use('/v1/*', async (c, next) => {
    if (methods.has(c.req.method) && !(c.req.method === 'POST' && readsItself.test(c.req.path))) {
      const { method, url } = c.req.raw;
      const body = await readCommandBody(c.req.raw, bodyTimeoutMs);
      // The routes' own test of the type is stricter than the media type's grammar: `application/json;` is JSON.
      const headers = new Headers(c.req.raw.headers);
      headers.set('content-type', 'application/json');
      c.req.raw = new Request(url, { method, headers, body });
    }
    await next();
  });
}

/** Read as strictly as lockfiles: of two keys of one name either may have been meant. */
async function readCommandBody(request: Request, timeoutMs: number): Promise<Uint8Array<ArrayBuffer>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    throw new PermanentError('input.unsupported-media-type', `The content type is "${type || 'missing'}".`);
  }
  const body = new Uint8Array(await readBody(request, commandMaxBytes, timeoutMs));
  parseSafeJson(body);
  return body;
}
