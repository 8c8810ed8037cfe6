import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError, formatPurl, parsePurl } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { problems } from '../problem.ts';
import { findPackage } from '../queries/packages.ts';
import { timelineOf } from '../queries/timeline.ts';
import { jsonContent, packageSchema, purlParam } from '../schemas.ts';

/** The newest events that are shown with a package version. */
const timelineMax = 200;

const route = createRoute({
  method: 'get',
  path: '/v1/packages/{purl}',
  operationId: 'getPackage',
  summary: 'Evidence, verdict, decision and timeline of a package version',
  tags: ['packages'],
  request: { params: purlParam },
  responses: {
    200: jsonContent(packageSchema, 'The package version.'),
    ...problems('purl.invalid', 'package.not-found'),
  },
});

export function getPackage(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const purl = canonicalPurl(c.req.valid('param').purl);
    const [found, timeline] = await Promise.all([
      findPackage(deps.read, purl),
      timelineOf(deps.read, purl, timelineMax),
    ]);
    if (!found) throw new PermanentError('package.not-found', `${purl} was never requested.`);
    return c.json({ ...found, timeline } as never, 200);
  });
}

/** People write purls in several ways; Sluice knows each package version by one. */
export function canonicalPurl(text: string): string {
  return formatPurl(parsePurl(text));
}
