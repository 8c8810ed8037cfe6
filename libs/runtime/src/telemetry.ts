import {
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  context,
  createContextKey,
  propagation,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  BasicTracerProvider,
  type IdGenerator,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { FileSpanExporter } from './file-span-exporter.ts';

/**
 * Traces. Each service has a tracer provider of its own, so that spans name their service also when all services
 * share one process. Libraries use `@opentelemetry/api` as usual: the global provider forwards to the tracer of the
 * service on whose behalf the code runs, which travels in the context.
 */
export interface Telemetry {
  tracer: Tracer;
  /** Context in which everything that a service does should run. */
  root: Context;
  stop(): Promise<void>;
}

const tracerKey = createContextKey('sluice service tracer');

export interface TelemetryEnv {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  /** Share of traces that are recorded, 0 to 1; see the OpenTelemetry specification. */
  OTEL_TRACES_SAMPLER_ARG?: string | undefined;
  /** Folder that spans are kept in for `sluice trace`; the embedded stack sets it. */
  SPANS_DIR?: string | undefined;
}

export function startTelemetry(service: string, env: TelemetryEnv): Telemetry {
  installGlobals();
  const processors: SpanProcessor[] = [];
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) {
    const endpoint =
      env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
      `${env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, '')}/v1/traces`;
    processors.push(new BatchSpanProcessor(new OTLPTraceExporter({ url: endpoint })));
  }
  if (env.SPANS_DIR) {
    // Short delay: people look at a trace right after its work.
    processors.push(
      new BatchSpanProcessor(new FileSpanExporter(env.SPANS_DIR, service), { scheduledDelayMillis: 500 }),
    );
  }
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? '1');
  // Without an exporter nothing is recorded, but ids are still made and passed on.
  const sampler =
    processors.length === 0
      ? new AlwaysOffSampler()
      : new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number.isFinite(ratio) ? ratio : 1) });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `sluice-${service}`, 'service.namespace': 'sluice' }),
    sampler,
    spanProcessors: processors,
    idGenerator: spanIds,
  });
  const tracer = provider.getTracer(`sluice/${service}`);
  return {
    tracer,
    root: ROOT_CONTEXT.setValue(tracerKey, tracer),
    stop: () => provider.shutdown(),
  };
}

/**
 * Runs `work` in a child span of the active one; an error is recorded and thrown on. A trace that is not recorded has no
 * other spans than the one that names it: they would cost as much as the work of a small message.
 */
export async function withSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const unrecorded = unrecordedSpan(context.active());
  if (unrecorded) return work(unrecorded);
  return activeTracer().startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The span of a context whose trace is not recorded; none when it is, or when a trace may begin here. */
export function unrecordedSpan(of: Context): Span | undefined {
  const span = trace.getSpan(of);
  const isSampled = span && (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
  return isSampled ? undefined : span;
}

export function recordError(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message : String(error),
  });
}

/** The tracer of the service on whose behalf the current code runs. */
export function activeTracer(): Tracer {
  return (context.active().getValue(tracerKey) as Tracer | undefined) ?? noopTracer;
}

/** `traceparent` of a context (W3C Trace Context), or undefined when it has no trace. */
export function traceparentOf(of: Context): string | undefined {
  const span = trace.getSpanContext(of);
  if (!span) return undefined;
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 1).toString().padStart(2, '0')}`;
}

/** Puts a `traceparent` into a context as its remote parent; anything malformed is ignored. */
export function withTraceparent(base: Context, traceparent: string | undefined): Context {
  if (!traceparent) return base;
  return propagator.extract(
    base,
    { traceparent },
    { get: (carrier, key) => carrier[key as 'traceparent'], keys: () => ['traceparent'] },
  );
}

/** Trace id in a `traceparent`, or null. */
export function traceIdOf(traceparent: string | null | undefined): string | null {
  return traceparent?.split('-')[1] ?? null;
}

/**
 * A `traceparent` for a trace whose root span is recorded later, when its end is known (`recordSpanWithIds`). The
 * sampler decides now, as for any new trace.
 */
export function newTraceparent(tracer: Tracer): string {
  const span = tracer.startSpan('root', { root: true }, ROOT_CONTEXT);
  return traceparentOf(trace.setSpan(ROOT_CONTEXT, span)) ?? '';
}

/**
 * Records a span under ids that were given out earlier: the root of an assessment is named to every stage long
 * before anybody knows when it ends.
 */
export function recordSpanWithIds(
  tracer: Tracer,
  traceparent: string,
  name: string,
  options: SpanOptions & { endTime: Date },
): void {
  const [, traceId, spanId, flags] = traceparent.split('-');
  if (!traceId || !spanId || flags !== '01') return;
  const span = spanIds.with({ traceId, spanId }, () =>
    tracer.startSpan(name, { ...options, root: true }, context.active()),
  );
  span.end(options.endTime);
}

/** Random ids, except within `with`, where the next span gets the given ones. */
class PresetIdGenerator implements IdGenerator {
  #preset: { traceId: string; spanId: string } | undefined;
  with<Result>(ids: { traceId: string; spanId: string }, work: () => Result): Result {
    this.#preset = ids;
    try {
      return work();
    } finally {
      this.#preset = undefined;
    }
  }
  generateTraceId = (): string => this.#preset?.traceId ?? random.generateTraceId();
  generateSpanId = (): string => this.#preset?.spanId ?? random.generateSpanId();
}

const random = new RandomIdGenerator();
const spanIds = new PresetIdGenerator();
const propagator = new W3CTraceContextPropagator();
/** For code that runs on no service's behalf; the global tracer would only forward to here again. */
const noopTracer = new BasicTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('sluice/none');

let installed = false;
function installGlobals(): void {
  if (installed) return;
  installed = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
  const forwarding: Tracer = {
    startSpan: (...args) => activeTracer().startSpan(...args),
    startActiveSpan: ((...args: Parameters<Tracer['startActiveSpan']>) =>
      activeTracer().startActiveSpan(...args)) as Tracer['startActiveSpan'],
  };
  const provider: TracerProvider = { getTracer: () => forwarding };
  trace.setGlobalTracerProvider(provider);
}
