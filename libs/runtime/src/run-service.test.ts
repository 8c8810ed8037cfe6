import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createLogger } from './logger.ts';
import { startService, stopTimeoutMs } from './run-service.ts';
import { defineService, type ServiceContext } from './service.ts';

type Start = (context: ServiceContext<Record<string, never>>) => Promise<void> | void;

function service(start: Start) {
  const lines: string[] = [];
  const log = createLogger('test', 'warn', { write: (line: string) => void lines.push(line) });
  const definition = defineService({
    name: 'test',
    config: z.object({}) as z.ZodType<Record<string, never>>,
    start: async (context) => start(context),
  });
  return { lines, started: startService(definition, { INSTANCE: 'one' }, { log }) };
}

describe('a service', () => {
  it('stops in reverse order, after the signal and after it said that it is not ready', async () => {
    const steps: string[] = [];
    const { started } = service(({ onStop, signal, health }) => {
      signal.addEventListener('abort', () => steps.push('signal'));
      onStop('first', async () => void steps.push(`first ${(await health.report()).ready}`));
      onStop('second', () => void steps.push('second'));
    });
    const running = await started;
    expect((await running.health.report()).ready).toBe(true);
    await running.stop();
    expect(steps).toEqual(['signal', 'second', 'first false']);
  });

  it('stops once, however often it is told', async () => {
    let closed = 0;
    const { started } = service(({ onStop }) => onStop('it', () => void (closed += 1)));
    const running = await started;
    await Promise.all([running.stop(), running.stop()]);
    await running.stop();
    expect(closed).toBe(1);
  });

  it('stops the rest when one part throws, and names it', async () => {
    let closed = false;
    const { started, lines } = service(({ onStop }) => {
      onStop('good', () => void (closed = true));
      onStop('broken part', () => Promise.reject(new Error('no')));
    });
    await (await started).stop();
    expect(closed).toBe(true);
    expect(lines.join('')).toContain('broken part');
  });

  it('stops the started parts when its start fails, and throws the error of the start', async () => {
    const steps: string[] = [];
    const { started } = service(({ onStop, signal }) => {
      onStop('postgres', () => void steps.push(`postgres ${signal.aborted}`));
      onStop('nats', () => void steps.push('nats'));
      throw new Error('no broker');
    });
    await expect(started).rejects.toThrow('no broker');
    expect(steps).toEqual(['nats', 'postgres true']);
  });

  it('starts nothing with a bad configuration', async () => {
    const start = vi.fn<() => Promise<void>>();
    const definition = defineService({ name: 'test', config: z.object({ PORT: z.string() }), start });
    await expect(startService(definition, {})).rejects.toMatchObject({ code: 'config.invalid' });
    expect(start).not.toHaveBeenCalled();
  });

  it('knows its name among its replicas', async () => {
    let instance = '';
    const { started } = service((context) => void (instance = context.instance));
    await (await started).stop();
    expect(instance).toBe('one');
  });
});

describe('a part that does not stop', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('costs no more than the time there is, and the parts below it still get theirs', async () => {
    const steps: string[] = [];
    const { started, lines } = service(({ onStop }) => {
      onStop('below', () => void steps.push('below'));
      onStop('hanging', () => new Promise<void>(() => {}));
    });
    const stopping = (await started).stop();
    await vi.advanceTimersByTimeAsync(stopTimeoutMs - 1);
    expect(steps).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await stopping;
    expect(steps).toEqual(['below']);
    expect(lines.join('')).toContain('hanging');
  });
});
