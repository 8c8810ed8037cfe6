import { createInbox } from '@nats-io/transport-node';
import { PermanentError, TransientError } from '@sluice/contracts';
import { createLogger, startTelemetry, traceparentOf } from '@sluice/runtime';
import { context, trace } from '@opentelemetry/api';
import { testNats } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { sendCommand, serveCommand, type CommandDefinition } from './commands.ts';
import { connectBus, type Bus } from './connection/connection.ts';

const nats = await testNats();
const log = createLogger('test', 'silent');
let asking: Bus;
let serving: Bus;

beforeAll(async () => {
  asking = await connectBus({ url: nats.url, service: 'asking', instance: 'a', log });
  serving = await connectBus({ url: nats.url, service: 'serving', instance: 's', log });
});
afterAll(() => Promise.all([asking.close(), serving.close()]));

interface Sum {
  a: number;
  b: number;
}
const command = (name: string): CommandDefinition<Sum, { sum: number }> => ({
  service: 'adder',
  name,
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.object({ sum: z.number() }),
});

/** Serves a command, once the broker knows of it. */
async function serve(name: string, handle: (input: Sum) => Promise<{ sum: number }>) {
  serveCommand(serving, command(name), handle, log);
  await serving.nc.flush();
}

it('answers with the handler’s result', async () => {
  await serve('add', async ({ a, b }) => ({ sum: a + b }));
  await expect(sendCommand(asking, command('add'), { a: 2, b: 3 })).resolves.toEqual({ sum: 5 });
});

it('has one of several replicas answer', async () => {
  let calls = 0;
  const handle = async ({ a, b }: Sum) => {
    calls += 1;
    return { sum: a + b };
  };
  await serve('once', handle);
  await serve('once', handle);
  await sendCommand(asking, command('once'), { a: 1, b: 1 });
  expect(calls).toBe(1);
});

it('refuses with the owner’s code and words', async () => {
  await serve('refuse', async () => {
    throw new PermanentError('decision.blocked', 'malware.known lets nobody override it');
  });
  await expect(sendCommand(asking, command('refuse'), { a: 1, b: 1 })).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'decision.blocked',
    message: 'malware.known lets nobody override it',
  });
});

it('says of a passing fault that it may pass', async () => {
  await serve('later', async () => {
    throw new TransientError('backend.unavailable', 'Postgres is not available.');
  });
  await expect(sendCommand(asking, command('later'), { a: 1, b: 1 })).rejects.toMatchObject({
    name: 'TransientError',
    code: 'backend.unavailable',
  });
});

it('keeps the words of a defect inside', async () => {
  await serve('defect', async () => {
    throw new Error('password=hunter2');
  });
  const refused = sendCommand(asking, command('defect'), { a: 1, b: 1 });
  await expect(refused).rejects.toMatchObject({ code: 'internal' });
  await expect(refused).rejects.not.toThrow(/hunter2/);
});

it('refuses input that does not fit, or is no JSON, before the handler runs', async () => {
  let ran = false;
  await serve('strict', async () => {
    ran = true;
    return { sum: 0 };
  });
  const wrong = { a: 'two', b: 3 } as unknown as Sum;
  await expect(sendCommand(asking, command('strict'), wrong)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('a') as string,
  });
  const reply = await asking.nc.request('cmd.adder.strict', 'no JSON', {
    timeout: 5_000,
    noMux: true,
    reply: createInbox('_ANSWER.adder.asking'),
  });
  expect(reply.json()).toMatchObject({ ok: false });
  expect(ran).toBe(false);
});

it('answers nowhere else than where answers of its service come', async () => {
  let runs = 0;
  await serve('elsewhere', async () => {
    runs += 1;
    return { sum: 0 };
  });
  const heard: string[] = [];
  serving.nc.subscribe('pkg.>', { callback: (_, message) => void heard.push(message.subject) });
  await serving.nc.flush();
  for (const reply of ['pkg.approved.bulk', '_ANSWER.other.asking.x', '_INBOX.x', undefined])
    asking.nc.publish('cmd.adder.elsewhere', JSON.stringify({ a: 1, b: 1 }), reply ? { reply } : {});
  await asking.nc.flush();
  expect(await sendCommand(asking, command('elsewhere'), { a: 1, b: 1 })).toEqual({ sum: 0 });
  expect({ heard, runs }).toEqual({ heard: [], runs: 1 });
});

it('fails at once when no service answers the command', async () => {
  await expect(sendCommand(asking, command('nobody'), { a: 1, b: 1 })).rejects.toMatchObject({
    name: 'TransientError',
    code: 'backend.unavailable',
    message: 'No adder is running.',
  });
});

it('carries the trace of who asked to who answers', async () => {
  const telemetry = startTelemetry('asking', {});
  let seen: string | undefined;
  await serve('traced', async () => {
    seen = trace.getSpanContext(context.active())?.traceId;
    return { sum: 0 };
  });
  let sent: string | undefined;
  await context.with(telemetry.root, () =>
    telemetry.tracer.startActiveSpan('test', async (span) => {
      sent = traceparentOf(context.active())?.split('-')[1];
      await sendCommand(asking, command('traced'), { a: 1, b: 1 });
      span.end();
    }),
  );
  await telemetry.stop();
  expect(seen).toBe(sent);
  expect(seen).toMatch(/^[0-9a-f]{32}$/);
});
