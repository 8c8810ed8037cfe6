import { reportFormats, reportSchema, z, type Report, type ReportFormat } from '@sluice/api';
import { mediaTypeOf, renderReport } from '@sluice/reports';
import type { Context } from 'hono';

const otherTypes = [...new Set(reportFormats.map(mediaTypeOf))].filter((type) => type !== 'application/json');

/** Documented without a type: answers are texts that were rendered already. */
export const reportContent: object = {
  content: {
    'application/json': { schema: reportSchema },
    ...Object.fromEntries(otherTypes.map((type) => [type, { schema: z.string() }])),
  },
};

/** A page shows its own styles, and runs nothing: its texts are those of strangers. */
const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/** A report as its format has it. */
export function reportResponse(c: Context, report: Report, format: ReportFormat) {
  if (format === 'html') c.header('content-security-policy', pagePolicy);
  return c.body(renderReport(report, format), 200, {
    'content-type': `${mediaTypeOf(format)}; charset=utf-8`,
  });
}
