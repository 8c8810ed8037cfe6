import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { reportFormats, reportQuery, reportSchema, z, type Report, type ReportItem } from '@sluice/api';
import { PermanentError, itemStanding } from '@sluice/contracts';
import { mediaTypeOf, renderReport } from '@sluice/reports';
import { softwareVersion } from '@sluice/runtime';
import type { GatewayDeps } from '../deps.ts';
import { requestIdParam } from '../path-parameters.ts';
import { askingProblems, problems } from '../problem.ts';
import { listAdvisorySets } from '../queries/advisory-sets.ts';
import { listItems, type FoundItem } from '../queries/items.ts';
import { reportEvidence, type ReportEvidence } from '../queries/report-evidence.ts';
import { findRequest, findSubmission } from '../queries/requests.ts';

/** More than a submission may have. */
const itemsMax = 100_000;

const otherTypes = [...new Set(reportFormats.map(mediaTypeOf))].filter((type) => type !== 'application/json');

/** Documented without a type: answers are texts that were rendered already. */
const content: object = {
  content: {
    'application/json': { schema: reportSchema },
    ...Object.fromEntries(otherTypes.map((type) => [type, { schema: z.string() }])),
  },
};

/** A page shows its own styles, and runs nothing: its texts are those of strangers. */
const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

const route = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/report',
  operationId: 'getRequestReport',
  'x-right': 'requests.read',
  summary: 'Report of a request, in a format of other tools',
  description:
    'All items with their standing, license, hashes and advisories. A request may be reported before it has ended: open items ' +
    'are reported as such, and none of them as fine.',
  tags: ['requests'],
  request: { params: requestIdParam, query: reportQuery },
  responses: {
    200: { description: 'The report, of the media type of its format.', ...content },
    ...problems(...askingProblems, 'request.not-found'),
  },
});

export function getRequestReport(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { format } = c.req.valid('query');
    const text = renderReport(await makeReport(deps, id), format);
    if (format === 'html') c.header('content-security-policy', pagePolicy);
    return c.body(text, 200, { 'content-type': `${mediaTypeOf(format)}; charset=utf-8` });
  });
}

async function makeReport({ read, own }: GatewayDeps, id: string): Promise<Report> {
  const request = (await findRequest(read, id)) ?? (await findSubmission(own, id));
  if (!request) throw new PermanentError('request.not-found', `No request has the id ${id}.`);
  const [items, evidence, advisories] = await Promise.all([
    listItems(read, id, request.scope, { limit: itemsMax, afterOrdinal: null }),
    reportEvidence(read, id),
    listAdvisorySets(read),
  ]);
  return {
    generatedAt: new Date().toISOString(),
    generator: { name: 'sluice', version: softwareVersion },
    requests: [{ request, items: items.map((item) => toReportItem(item, evidence)) }],
    advisories,
  };
}

const noEvidence: ReportEvidence = { license: null, files: [], advisories: [] };

function toReportItem(found: FoundItem, evidence: ReadonlyMap<string, ReportEvidence>): ReportItem {
  const {
    stage: _stage,
    stageLane: _lane,
    stagePosition: _position,
    attempt: _attempt,
    lastError: _error,
    ...item
  } = found;
  return {
    ...item,
    standing: itemStanding(item),
    ...(evidence.get(item.purl ?? '') ?? noEvidence),
  };
}
