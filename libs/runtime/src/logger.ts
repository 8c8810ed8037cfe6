import { context, trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';
import { LogFile } from './log-file.ts';

export type { Logger };

const standardOutput = 1;

/**
 * JSON logs with the active trace id on every line. Secrets never get here by design; redaction of the usual names
 * is a second line of defence.
 */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: ['authorization', 'token', 'password', '*.authorization', '*.token', '*.password', '*.apiKey'],
    mixin() {
      const span = trace.getSpanContext(context.active());
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  };
  return pino(options, destination ?? new LogFile(standardOutput));
}
