import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { packageSchema, scopeQuery, type PackageDetail } from '@sluice/api';
import { PermanentError, errorCodes, requireScope } from '@sluice/contracts';
import { canonicalPurl } from '@sluice/ecosystems/names';
import type { GatewayDeps } from '../deps.ts';
import { purlParam } from '../path-parameters.ts';
import { askingProblems, problems } from '../problem.ts';
import { fetchedOf } from '../queue-sample.ts';
import { findPackage, type FoundPackage } from '../queries/packages.ts';
import { queuePositions } from '../queries/queue-positions.ts';
import { failedTriesOf, timelineOf } from '../queries/timeline.ts';
import { ifNoneMatch, polled } from '../responses.ts';

/** The newest events that are shown with a package version. */
const timelineMax = 200;

const route = createRoute({
  method: 'get',
  path: '/v1/packages/{purl}',
  operationId: 'getPackage',
  'x-right': 'packages.read',
  summary: 'Evidence, verdict, decision and timeline of a package version',
  description: 'Verdict and decision are those of the scope. Evidence and timeline are of all scopes.',
  tags: ['packages'],
  request: { headers: ifNoneMatch, params: purlParam, query: scopeQuery },
  responses: {
    ...polled(packageSchema, 'The package version.'),
    ...problems(...askingProblems, 'purl.invalid', 'scope.unknown', 'package.not-found'),
  },
});

export function getPackage(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const purl = readPurl(c.req.valid('param').purl, 'path');
    const { scope } = c.req.valid('query');
    requireScope(scope, deps.scopes);
    const [found, timeline, failedTries] = await Promise.all([
      findPackage(deps.read, purl, scope),
      timelineOf(deps.read, purl, timelineMax),
      failedTriesOf(deps.read, purl, timelineMax),
    ]);
    if (!found) throw new PermanentError('package.not-found', `${purl} was never requested.`);
    const standing = await standingOf(deps, found);
    const { stagePosition: _, ...shown } = found;
    return c.json({ ...shown, ...standing, failedTries, timeline }, 200);
  });
}

/** Its place in its stage's queue, and how much of it is here; null when it waits for none, or while that cannot be told. */
async function standingOf(
  { read, queues }: GatewayDeps,
  { purl, stage, lane, stagePosition, lastError }: FoundPackage,
): Promise<Pick<PackageDetail, 'queuePosition' | 'bytes'>> {
  const sample = stage && stagePosition ? await queues.recent() : null;
  if (!sample || !stage || !stagePosition) return { queuePosition: null, bytes: null };
  const waiting = { purl, stage, lane, stagePosition, wasTried: lastError !== null };
  const places = await queuePositions(read, sample.queues, [waiting]);
  return { queuePosition: places.get(purl) ?? null, bytes: fetchedOf(sample).get(purl) ?? null };
}

/** People write purls in several ways; Sluice knows each package version by one. */
export function readPurl(text: string, place: 'body' | 'path' | 'query'): string {
  try {
    return canonicalPurl(text);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const faults = [{ in: place, pointer: '/purl', detail: errorCodes[error.code].title }];
    throw new PermanentError(error.code, error.message, { cause: error, faults });
  }
}
