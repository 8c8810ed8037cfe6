import type { Report, ReportItem, RequestSummary } from '@sluice/api';
import { itemStanding } from '@sluice/contracts';
import { softwareVersion } from '@sluice/runtime';
import type { GatewayDeps } from '../deps.ts';
import { listAdvisorySets } from '../queries/advisory-sets.ts';
import { listItems, type FoundItem } from '../queries/items.ts';
import { reportEvidence, type ReportEvidence } from '../queries/report-evidence.ts';

/** More than a submission may have. */
export const reportedItemsMax = 100_000;

type Deps = Pick<GatewayDeps, 'read'>;

/** The report of some requests, in their order. Their items are read one request after the other. */
export async function makeReport({ read }: Deps, requests: readonly RequestSummary[]): Promise<Report> {
  const reported: Report['requests'] = [];
  for (const request of requests) {
    const [items, evidence] = await Promise.all([
      listItems(read, request.id, request.scope, { limit: reportedItemsMax, afterOrdinal: null }),
      reportEvidence(read, request.id),
    ]);
    reported.push({ request, items: items.map((item) => toReportItem(item, evidence)) });
  }
  return {
    generatedAt: new Date().toISOString(),
    generator: { name: 'sluice', version: softwareVersion },
    requests: reported,
    advisories: await listAdvisorySets(read),
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
