import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode, hrTimeToMicroseconds, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** A span as it is kept on disk, one JSON object a line. Times are microseconds since 1970. */
export interface StoredSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  service: string;
  name: string;
  kind: number;
  startUs: number;
  durationUs: number;
  error: string | null;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
}

/** A day of spans a file, and a week kept: enough to investigate, and bounded on disk. */
const keptDays = 7;

/**
 * Keeps spans as files, so that the trace of a package can be looked at with nothing else installed.
 * Not for production: there, set `OTEL_EXPORTER_OTLP_ENDPOINT`.
 */
export class FileSpanExporter implements SpanExporter {
  readonly #folder: string;
  readonly #service: string;
  #day = '';

  constructor(folder: string, service: string) {
    this.#folder = folder;
    this.#service = service;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#write(spans).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (error: unknown) => done({ code: ExportResultCode.FAILED, error: error as Error }),
    );
  }

  async shutdown(): Promise<void> {}

  async #write(spans: ReadableSpan[]): Promise<void> {
    const day = new Date().toISOString().slice(0, 10);
    if (day !== this.#day) {
      await mkdir(this.#folder, { recursive: true });
      await this.#removeOld(day);
      this.#day = day;
    }
    const lines = spans.map((span) => JSON.stringify(toStored(span, this.#service)) + '\n').join('');
    await appendFile(path.join(this.#folder, `${day}.jsonl`), lines);
  }

  async #removeOld(today: string): Promise<void> {
    const oldest = new Date(Date.parse(today) - keptDays * 86_400_000).toISOString().slice(0, 10);
    for (const file of await readdir(this.#folder)) {
      if (/^\d{4}-\d\d-\d\d\.jsonl$/.test(file) && file.slice(0, 10) < oldest) {
        await rm(path.join(this.#folder, file), { force: true });
      }
    }
  }
}

function toStored(span: ReadableSpan, service: string): StoredSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? null,
    service,
    name: span.name,
    kind: span.kind,
    startUs: hrTimeToMicroseconds(span.startTime),
    durationUs: hrTimeToMicroseconds(span.duration),
    error: span.status.code === SpanStatusCode.ERROR ? (span.status.message ?? 'error') : null,
    attributes: span.attributes,
    links: span.links.map((link) => ({ traceId: link.context.traceId, spanId: link.context.spanId })),
  };
}
