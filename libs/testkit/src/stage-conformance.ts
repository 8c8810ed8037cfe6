import { randomUUID } from 'node:crypto';
import {
  PermanentError,
  TransientError,
  decodeEnvelope,
  eventId,
  makeEvent,
  pkgAttemptFailed,
  pkgFailed,
  type SluiceEvent,
} from '@sluice/contracts';
import {
  connectBus,
  consumerState,
  deadLettersStream,
  ensureConsumer,
  ensureTopology,
  eventsStream,
  publish,
  type Bus,
} from '@sluice/broker';
import {
  startStage,
  type AssessmentEventData,
  type RunningStage,
  type StageDefinition,
} from '@sluice/stages';
import { toMessage } from '@sluice/delivery';
import { Health, createLogger } from '@sluice/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testNats } from './test-nats.ts';
import { waitFor } from './wait-for.ts';

const log = createLogger('conformance', 'silent');

type Gather<In, Gathered> = (event: In, signal: AbortSignal) => Promise<Gathered>;

/**
 * The suite that every stage passes, over a real broker: the delivery library's guarantees hold for this stage's
 * subjects, consumers and decision. The stage's `decide` runs as it is; its `gather`, which talks to the outside and
 * has tests of its own, is replaced by a stub for each case.
 * @param example a consumed event's own fields, and the evidence gathered for it.
 */
export async function stageConformance<
  In extends AssessmentEventData,
  Deps,
  Gathered,
  Out extends AssessmentEventData,
>(
  stage: StageDefinition<In, Deps, Gathered, Out>,
  example: { fields: Omit<In, keyof AssessmentEventData>; gathered: Gathered },
): Promise<void> {
  const nats = await testNats();
  const limits = { ...stage.limits, attemptsMax: 3, ackWaitMs: 1_000, retryBaseMs: 20 };

  describe(`stage ${stage.name}`, () => {
    let bus: Bus;
    const workers: Worker[] = [];

    beforeAll(async () => {
      bus = await connectBus({ url: nats.url, service: 'conformance', instance: 'test', log });
      await ensureTopology(bus);
    });
    afterEach(async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.stop()));
      await bus.jsm.streams.purge(eventsStream);
      await bus.jsm.streams.purge(deadLettersStream);
    });
    afterAll(() => bus.close());

    interface Worker {
      stop(): Promise<void>;
    }

    async function work(gather: Gather<In, Gathered>): Promise<Worker> {
      const stopping = new AbortController();
      // Which host an event needs is a question to the dependencies, of which there are none here.
      const { upstreamOf: _, ...rest } = stage;
      const replaced = {
        ...rest,
        limits,
        gather: (event: In, _deps: Deps, signal: AbortSignal) => gather(event, signal),
      };
      const service = { log, health: new Health(), signal: stopping.signal, onStop: () => {} };
      const running: RunningStage = await startStage(bus, replaced, undefined as Deps, service);
      const worker = {
        stop: async () => {
          stopping.abort();
          await running.stop();
        },
      };
      workers.push(worker);
      return worker;
    }

    /** Publishes an event for the stage. @returns its data. */
    async function send(messageId?: string): Promise<In> {
      const assessmentId = randomUUID();
      const data = {
        ...example.fields,
        assessmentId,
        purl: 'pkg:npm/example@1.0.0',
        lane: 'bulk',
        attempt: 1,
      } as unknown as In;
      await sendData(data, messageId);
      return data;
    }

    async function sendData(data: In, messageId?: string): Promise<void> {
      const id = eventId(data.assessmentId, stage.consumes.type, 1);
      const event = makeEvent(stage.consumes, {
        id,
        source: 'test',
        subject: data.purl,
        time: new Date(),
        data,
      });
      await publish(bus, {
        ...toMessage(event, { lane: data.lane }),
        ...(messageId ? { eventId: messageId } : {}),
      });
    }

    async function stored(stream: string, subject: string): Promise<SluiceEvent[]> {
      return (await storedMessages(bus, stream, subject)).map(({ data }) => decodeEnvelope(data));
    }

    const emitted = (definition: { type: string }) => stored(eventsStream, `${definition.type}.bulk`);
    const isIdle = async () => {
      const state = await consumerState(bus, `${stage.service}-bulk`);
      return state?.num_pending === 0 && state.num_ack_pending === 0;
    };
    const succeed: Gather<In, Gathered> = async () => example.gathered;

    it('emits one fact with a deterministic id, then acks', async () => {
      await work(succeed);
      const sent = await send();
      const [fact] = await waitFor(async () => nonEmpty(await emitted(stage.emits)), { what: 'the fact' });
      expect(fact).toMatchObject({
        id: eventId(sent.assessmentId, stage.emits.type, 1),
        type: stage.emits.type,
        data: { assessmentId: sent.assessmentId, purl: sent.purl, attempt: 1 },
      });
      expect(stage.emits.schema.safeParse(fact!.data).error).toBeUndefined();
      await waitFor(isIdle, { what: 'the ack' });
    });

    it('emits one fact for an event that is delivered under two message ids', async () => {
      await work(succeed);
      const sent = await send();
      await sendData(sent, randomUUID());
      await waitFor(
        async () =>
          (await consumerState(bus, `${stage.service}-bulk`))!.delivered.consumer_seq >= 2 &&
          (await isIdle()),
      );
      expect(await emitted(stage.emits)).toHaveLength(1);
    });

    it('keeps a message that it cannot decode, whole, and goes on', async () => {
      await work(succeed);
      await bus.js.publish(`${stage.consumes.type}.bulk`, 'no event at all');
      await send();
      const dead = await waitFor(async () =>
        nonEmpty(await storedMessages(bus, deadLettersStream, `dlq.${stage.service}`)),
      );
      expect(dead[0]!.data).toBe('no event at all');
      expect(dead[0]!.header?.get('sluice-error-code')).toBe('message.undecodable');
      await waitFor(async () => nonEmpty(await emitted(stage.emits)));
      await waitFor(isIdle);
    });

    it('parks an event of a newer major version', async () => {
      await work(succeed);
      const assessmentId = randomUUID();
      const data = {
        assessmentId,
        purl: 'pkg:npm/a@1.0.0',
        lane: 'bulk',
        attempt: 1,
        newShape: true,
      } as unknown as In;
      const event = makeEvent(stage.consumes, {
        id: randomUUID(),
        source: 'test',
        subject: data.purl,
        time: new Date(),
        data,
      });
      await bus.js.publish(`${stage.consumes.type}.bulk`, JSON.stringify({ ...event, dataversion: 99 }));
      await waitFor(async () =>
        nonEmpty(await storedMessages(bus, deadLettersStream, `parked.${stage.service}`)),
      );
      await waitFor(isIdle);
    });

    it('tries again after a passing fault, and tells of it', async () => {
      let calls = 0;
      await work(async () => {
        calls += 1;
        if (calls === 1) throw new TransientError('backend.timeout');
        return example.gathered;
      });
      await send();
      await waitFor(async () => nonEmpty(await emitted(stage.emits)));
      const [told] = await emitted(pkgAttemptFailed);
      expect(told?.data).toMatchObject({
        stage: stage.name,
        stageAttempt: 1,
        counted: true,
        code: 'backend.timeout',
      });
      await waitFor(isIdle);
    });

    it('spends no attempts on an outage of its upstream', async () => {
      let calls = 0;
      await work(async () => {
        calls += 1;
        if (calls <= limits.attemptsMax + 2)
          throw new TransientError('registry.unavailable', 'down', { host: 'registry.example' });
        return example.gathered;
      });
      await send();
      await waitFor(async () => nonEmpty(await emitted(stage.emits)), { what: 'success after the outage' });
      expect(await emitted(pkgFailed)).toEqual([]);
      expect(
        (await emitted(pkgAttemptFailed)).every(({ data }) => !(data as { counted: boolean }).counted),
      ).toBe(true);
    });

    it('fails after its attempts, and keeps the message', async () => {
      await work(async () => {
        throw new Error('a defect');
      });
      const sent = await send();
      const [failed] = await waitFor(async () => nonEmpty(await emitted(pkgFailed)));
      expect(failed?.data).toMatchObject({
        assessmentId: sent.assessmentId,
        stage: stage.name,
        code: 'internal',
      });
      expect(await emitted(pkgAttemptFailed)).toHaveLength(limits.attemptsMax - 1);
      const dead = await waitFor(async () =>
        nonEmpty(await storedMessages(bus, deadLettersStream, `dlq.${stage.service}`)),
      );
      expect(decodeEnvelope(dead[0]!.data).data).toMatchObject({ assessmentId: sent.assessmentId });
      await waitFor(isIdle);
    });

    it('fails at once what can never succeed', async () => {
      await work(async () => {
        throw new PermanentError('registry.version-not-found');
      });
      await send();
      const [failed] = await waitFor(async () => nonEmpty(await emitted(pkgFailed)));
      expect(failed?.data).toMatchObject({ code: 'registry.version-not-found' });
      expect(await emitted(pkgAttemptFailed)).toEqual([]);
      await waitFor(isIdle);
    });

    it('asks for stored bytes that are lost to be stored again, which is no failure', async () => {
      await work(async () => {
        throw new PermanentError('artifact.corrupt');
      });
      const sent = await send();
      const [told] = await waitFor(async () => nonEmpty(await emitted(pkgAttemptFailed)));
      expect(told?.data).toMatchObject({
        assessmentId: sent.assessmentId,
        stage: stage.name,
        code: 'artifact.corrupt',
        redo: true,
      });
      await waitFor(isIdle);
      expect(await emitted(pkgFailed)).toEqual([]);
      expect(await storedMessages(bus, deadLettersStream, `dlq.${stage.service}`)).toEqual([]);
    });

    it('takes over what a crashed worker had in its hands', async () => {
      const durable = `${stage.service}-bulk`;
      await ensureConsumer(bus, {
        durable,
        filterSubject: `${stage.consumes.type}.bulk`,
        ackWaitMs: limits.ackWaitMs,
        maxAckPending: 100,
      });
      await send();
      // A worker that dies fetched the message and never says another word.
      const crashed = await bus.js.consumers.get(eventsStream, durable);
      expect(await crashed.next({ expires: 5_000 })).not.toBeNull();
      await work(succeed);
      await waitFor(async () => nonEmpty(await emitted(stage.emits)), { what: 'the redelivery' });
      await waitFor(isIdle);
    });

    it('gives back what it has in work when it stops, at once and without costing an attempt', async () => {
      let begin = () => {};
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const first = await work(
        (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
            begin();
          }),
      );
      await send();
      await begun;
      await first.stop();
      await work(succeed);
      await waitFor(async () => nonEmpty(await emitted(stage.emits)));
      const told = await emitted(pkgAttemptFailed);
      expect(told.map(({ data }) => (data as { counted: boolean }).counted)).toEqual([false]);
    });
  });
}

function nonEmpty<Item>(items: Item[]): Item[] | null {
  return items.length > 0 ? items : null;
}

/** Everything that a stream holds under a subject, oldest first. */
async function storedMessages(bus: Bus, stream: string, subject: string) {
  const messages = [];
  for (let sequence = 1; ;) {
    const message = await bus.jsm.direct.getMessage(stream, { next_by_subj: subject, seq: sequence });
    if (!message) return messages;
    messages.push({ data: message.string(), header: message.header });
    sequence = message.seq + 1;
  }
}
