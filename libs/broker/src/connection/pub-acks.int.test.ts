import { connect, headers } from '@nats-io/transport-node';
import { testNats } from '@sluice/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { PubAcks } from './pub-acks.ts';
import { RefusedError } from './refusals.ts';

const nats = await testNats();

/** As 2.15 answers a copy of a message that it is storing. */
const inProcess =
  '{"stream":"EVENTS","error":{"code":409,"err_code":10158,"description":"duplicate message id is in process"}}';

it('sends a message again, as it was, that nobody confirms, and waits for the broker to store the first', async () => {
  const nc = await connect({ servers: nats.url });
  onTestFinished(() => nc.close());
  const received: string[] = [];
  nc.subscribe('events', {
    callback: (_error, message) => {
      received.push(`${message.headers?.get('Nats-Msg-Id')} ${message.string()}`);
      if (received.length === 2) message.respond(inProcess);
      if (received.length === 3) message.respond('{"stream":"EVENTS","seq":7}');
    },
  });
  const withId = headers();
  withId.set('Nats-Msg-Id', 'one');
  const confirmed = await new PubAcks(nc, '_INBOX', 30_000).publish('events', 'text', withId);
  expect(confirmed).toEqual({ stream: 'EVENTS', sequence: 7, isDuplicate: false });
  expect(received).toEqual(['one text', 'one text', 'one text']);
});

it('waits for a stream that is not there yet, and says so when none comes', async () => {
  const nc = await connect({ servers: nats.url });
  onTestFinished(() => nc.close());
  const acks = new PubAcks(nc, '_INBOX', 2_500);
  await expect(acks.publish('nowhere', 'text', headers())).rejects.toThrow(RefusedError);
  const confirmed = acks.publish('elections', 'text', headers());
  await nc.flush();
  // A stream whose cluster has chosen a leader listens.
  nc.subscribe('elections', {
    callback: (_, message) => void message.respond('{"stream":"EVENTS","seq":8}'),
  });
  expect(await confirmed).toMatchObject({ sequence: 8 });
});
