import type { Report, ReportFormat } from '@sluice/api';
import { renderCsv } from './csv.ts';
import { renderCycloneDx } from './cyclonedx.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSarif } from './sarif.ts';
import { renderSpdx } from './spdx.ts';
import { renderVex } from './vex.ts';

interface Renderer {
  mediaType: string;
  render(report: Report): string;
}

/** Media types are those that IANA or the format itself registered, where there is one. */
const renderers: Record<ReportFormat, Renderer> = {
  json: { mediaType: 'application/json', render: (report) => `${JSON.stringify(report, null, 2)}\n` },
  csv: { mediaType: 'text/csv', render: renderCsv },
  sarif: { mediaType: 'application/sarif+json', render: renderSarif },
  cyclonedx: { mediaType: 'application/vnd.cyclonedx+json', render: renderCycloneDx },
  spdx: { mediaType: 'application/spdx+json', render: renderSpdx },
  vex: { mediaType: 'application/vnd.cyclonedx+json', render: renderVex },
  html: { mediaType: 'text/html', render: renderHtml },
  markdown: { mediaType: 'text/markdown', render: renderMarkdown },
  junit: { mediaType: 'application/xml', render: renderJunit },
};

/** A report as text in a format. Pure: the same report gives the same text. */
export function renderReport(report: Report, format: ReportFormat): string {
  return renderers[format].render(report);
}

export function mediaTypeOf(format: ReportFormat): string {
  return renderers[format].mediaType;
}
