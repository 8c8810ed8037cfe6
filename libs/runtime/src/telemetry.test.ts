import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT_CONTEXT, context, trace } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoredSpan } from './file-span-exporter.ts';
import { createLogger } from './logger.ts';
import {
  activeTracer,
  newTraceparent,
  recordSpanWithIds,
  startTelemetry,
  traceIdOf,
  traceparentOf,
  withSpan,
  withTraceparent,
} from './telemetry.ts';

async function spansFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-spans-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
async function stored(folder: string): Promise<StoredSpan[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredSpan);
}
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('spans', () => {
  it('name the service on whose behalf the code runs, also with several in one process', async () => {
    const folder = await spansFolder();
    const services = ['license', 'scanner'].map((name) => startTelemetry(name, { SPANS_DIR: folder }));
    await Promise.all(
      services.map((service, index) =>
        context.with(service.root, () =>
          withSpan(`outer ${index}`, {}, async () => {
            await new Promise((resolve) => setImmediate(resolve));
            // Libraries know only the global tracer.
            trace.getTracer('some-library').startSpan(`inner ${index}`).end();
          }),
        ),
      ),
    );
    await Promise.all(services.map((service) => service.stop()));
    const spans = await stored(folder);
    expect(spans.map(({ service, name }) => `${service}: ${name}`).toSorted()).toEqual([
      'license: inner 0',
      'license: outer 0',
      'scanner: inner 1',
      'scanner: outer 1',
    ]);
    for (const index of [0, 1]) {
      const [outer, inner] = ['outer', 'inner'].map((part) =>
        spans.find(({ name }) => name === `${part} ${index}`),
      );
      expect([inner!.parentSpanId, inner!.traceId]).toEqual([outer!.spanId, outer!.traceId]);
      expect(outer!.durationUs).toBeGreaterThanOrEqual(inner!.durationUs);
    }
  });

  it('keep the error of failed work, and let it through', async () => {
    const folder = await spansFolder();
    const service = startTelemetry('license', { SPANS_DIR: folder });
    const failing = context.with(service.root, () =>
      withSpan('fetch', { attributes: { purl: 'pkg:npm/a@1' } }, () => Promise.reject(new Error('refused'))),
    );
    await expect(failing).rejects.toThrow('refused');
    await service.stop();
    expect(await stored(folder)).toMatchObject([
      { name: 'fetch', error: 'refused', attributes: { purl: 'pkg:npm/a@1' }, parentSpanId: null, links: [] },
    ]);
  });

  it('go nowhere outside of any service, and do not go round in circles', () => {
    startTelemetry('any', {});
    context.with(ROOT_CONTEXT, () => {
      const span = trace.getTracer('some-library').startSpan('lost');
      expect(span.isRecording()).toBe(false);
      span.end();
      expect(trace.getTracer('some-library').startActiveSpan('lost too', () => 'result')).toBe('result');
      expect(activeTracer().startSpan('lost again').isRecording()).toBe(false);
    });
  });

  it('are not recorded without an exporter, and still pass the trace on', async () => {
    const service = startTelemetry('quiet', {});
    await context.with(service.root, () =>
      withSpan('work', {}, async (span) => {
        expect(span.isRecording()).toBe(false);
        expect(traceparentOf(context.active())).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      }),
    );
    await service.stop();
  });

  it('of a share of zero are not recorded, unless the caller’s are', async () => {
    const folder = await spansFolder();
    const service = startTelemetry('sampled', { SPANS_DIR: folder, OTEL_TRACES_SAMPLER_ARG: '0' });
    service.tracer.startSpan('dropped', {}, service.root).end();
    service.tracer.startSpan('kept', {}, withTraceparent(service.root, traceparent)).end();
    await service.stop();
    expect((await stored(folder)).map(({ name }) => name)).toEqual(['kept']);
  });
});

describe('a traceparent', () => {
  it('makes the round trip through a context', () => {
    expect(traceparentOf(withTraceparent(ROOT_CONTEXT, traceparent))).toBe(traceparent);
    expect(traceIdOf(traceparent)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it.each([undefined, '', 'junk', '00-0-0-01', traceparent.replace('4bf9', 'XXXX')])(
    'that is none (%j) leaves the context without a trace',
    (text) => {
      expect(traceparentOf(withTraceparent(ROOT_CONTEXT, text))).toBeUndefined();
    },
  );

  it('that was given out early names the root that is recorded late', async () => {
    const folder = await spansFolder();
    const service = startTelemetry('aggregator', { SPANS_DIR: folder });
    const given = newTraceparent(service.tracer);
    service.tracer.startSpan('stage', {}, withTraceparent(service.root, given)).end();
    const startTime = new Date('2026-03-01T09:30:00Z');
    recordSpanWithIds(service.tracer, given, 'assessment', {
      startTime,
      endTime: new Date(startTime.getTime() + 1_500),
    });
    await service.stop();
    const spans = await stored(folder);
    const [root, stage] = ['assessment', 'stage'].map((name) => spans.find((span) => span.name === name)!);
    expect(root).toMatchObject({
      traceId: given.split('-')[1],
      spanId: given.split('-')[2],
      parentSpanId: null,
      startUs: startTime.getTime() * 1_000,
      durationUs: 1_500_000,
    });
    expect([stage!.traceId, stage!.parentSpanId]).toEqual([root!.traceId, root!.spanId]);
    expect(spans).toHaveLength(2);
  });

  it('of a trace that is not recorded records nothing late either', async () => {
    const folder = await spansFolder();
    const service = startTelemetry('aggregator', { SPANS_DIR: folder });
    for (const none of ['', 'junk', traceparent.replace(/01$/, '00')]) {
      recordSpanWithIds(service.tracer, none, 'assessment', { endTime: new Date() });
    }
    service.tracer.startSpan('marker', {}, service.root).end();
    await service.stop();
    expect((await stored(folder)).map(({ name }) => name)).toEqual(['marker']);
  });
});

describe('kept spans', () => {
  it('are bounded to a week; other files are left alone', async () => {
    const folder = await spansFolder();
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    for (const file of [`${day(30)}.jsonl`, `${day(8)}.jsonl`, `${day(6)}.jsonl`, 'notes.txt'])
      await writeFile(path.join(folder, file), '');
    const service = startTelemetry('any', { SPANS_DIR: folder });
    service.tracer.startSpan('work', {}, service.root).end();
    await service.stop();
    expect((await readdir(folder)).toSorted()).toEqual(
      [`${day(6)}.jsonl`, `${day(0)}.jsonl`, 'notes.txt'].toSorted(),
    );
  });

  it('keep the link to another trace', async () => {
    const folder = await spansFolder();
    const service = startTelemetry('any', { SPANS_DIR: folder });
    const linked = trace.getSpanContext(withTraceparent(ROOT_CONTEXT, traceparent))!;
    service.tracer.startSpan('work', { links: [{ context: linked }] }, service.root).end();
    await service.stop();
    expect((await stored(folder))[0]!.links).toEqual([{ traceId: linked.traceId, spanId: linked.spanId }]);
  });
});

describe('a log line', () => {
  it('carries the trace it belongs to, and no secrets', async () => {
    const lines: string[] = [];
    const log = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
    context.with(withTraceparent(ROOT_CONTEXT, traceparent), () =>
      log.info({ token: 'hunter2', headers: { authorization: 'hunter2' } }, 'called'),
    );
    log.info('outside');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      service: 'test',
      level: 'info',
      trace_id: traceIdOf(traceparent),
    });
    expect(lines[0]).not.toContain('hunter2');
    expect(JSON.parse(lines[1]!)).not.toHaveProperty('trace_id');
  });
});
