import { inTime } from '@sluice/runtime';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { auditExportQuery, z, type AuditEntryView } from '@sluice/api';
import { stream } from 'hono/streaming';
import { csvRow } from '@sluice/reports';
import type { GatewayDeps } from '../deps.ts';
import { askingProblems, problems } from '../problem.ts';
import { listAudit, shownEntry, type AuditFilter, type AuditRow } from '../queries/audit.ts';

/** Rows in memory at once. */
const sliceRows = 1_000;

const text = z.string();
/** Documented without a type: a handler answers with a stream, which is a `Response` and no text. */
const exported: object = {
  content: { 'application/x-ndjson': { schema: text }, 'text/csv': { schema: text } },
};

const route = createRoute({
  method: 'get',
  path: '/v1/audit/export',
  operationId: 'exportAudit',
  'x-right': 'audit.read',
  summary: 'The audit as a file, oldest first',
  description:
    'One entry a line, as JSON or CSV. Each hash holds the one before, so that a file without filters can be checked by ' +
    'itself: `sluice audit verify`.',
  tags: ['access'],
  request: { query: auditExportQuery },
  responses: { 200: { description: 'The entries.', ...exported }, ...problems(...askingProblems) },
});

const columns = [
  'id',
  'at',
  'actor',
  'action',
  'subject',
  'outcome',
  'detail',
  'service',
  'traceId',
  'hash',
] as const satisfies (keyof AuditEntryView)[];

const cellOf = (value: AuditEntryView[(typeof columns)[number]]) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? '');

const formats = {
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    line: (row: AuditRow) => `${JSON.stringify(shownEntry(row))}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: csvRow(columns),
    line: (row: AuditRow) => csvRow(columns.map((column) => cellOf(row[column]))),
  },
};

export function exportAuditEntries(app: OpenAPIHono, deps: GatewayDeps): void {
  app.openapi(route, async (c) => {
    const { format: name, ...filter } = c.req.valid('query');
    const format = formats[name];
    // The first slice comes before the status: a database that is away is answered as such.
    const first = await slice(deps, filter, null);
    c.header('content-type', format.type);
    c.header('content-disposition', `attachment; filename="sluice-audit.${name}"`);
    return stream(c, async (out) => {
      await out.write(format.head);
      for (let rows = first; rows.length > 0; rows = await slice(deps, filter, rows.at(-1)!.position)) {
        for (const row of rows) await out.write(format.line(row));
        if (out.aborted || deps.stopping.aborted) return;
      }
    });
  });
}

function slice(
  { read, answerTimeoutMs }: GatewayDeps,
  filter: AuditFilter,
  place: number | null,
): Promise<AuditRow[]> {
  return inTime(listAudit(read, filter, { order: 'oldest', place, limit: sliceRows }), answerTimeoutMs);
}
