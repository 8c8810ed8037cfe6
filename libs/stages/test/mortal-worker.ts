import { pkgLicensed, pkgRequested, type EventDefinition } from '@sluice/contracts';
import { Health, createLogger } from '@sluice/runtime';
import { connectBus } from '@sluice/broker';
import { startConsumer } from '@sluice/delivery';
import { startStage } from '../src/stage/start-stage.ts';

/**
 * A service that dies of an event about a package called `deadly`. Arguments: address of the broker; `stage` or
 * `consumer`; `run` or `decode`, where it dies. It says each package that it has handled, and each one given up.
 */
const [, , url = '', kind, diesIn] = process.argv;
const say = (text: string) => process.stdout.write(`${text}\n`);
const dieOf = (purl: string) => {
  if (purl.includes('deadly')) process.kill(process.pid, 'SIGKILL');
};

const log = createLogger('mortal', 'silent');
const bus = await connectBus({ url, service: 'worker', instance: 'mortal', log });
const service = { log, health: new Health(), signal: new AbortController().signal, onStop: () => {} };
const limits = { attemptsMax: 2, ackWaitMs: 500, retryBaseMs: 10 };
const deadlyToDecode = (definition: typeof pkgRequested): typeof pkgRequested => ({
  ...definition,
  schema: definition.schema.refine(({ purl }) => {
    dieOf(purl);
    return true;
  }) as typeof definition.schema,
});
const consumes = diesIn === 'decode' ? deadlyToDecode(pkgRequested) : pkgRequested;

if (kind === 'stage') {
  await startStage(
    bus,
    {
      name: 'license',
      service: 'worker',
      consumes,
      emits: pkgLicensed as EventDefinition<never>,
      limits: { ...limits, concurrency: 10, deadlineMs: 10_000 },
      gather: async ({ purl }) => {
        dieOf(purl);
        say(purl);
      },
      decide: () => ({}) as never,
    },
    undefined,
    service,
  );
} else {
  await startConsumer(
    bus,
    {
      service: 'worker',
      consumes,
      limits: { ...limits, batchMax: 10 },
      onDead: async ({ event }) => void say(`given up ${event.data.purl}`),
    },
    async (batch) => {
      for (const { event } of batch) dieOf(event.data.purl);
      for (const { event } of batch) say(event.data.purl);
    },
    service,
  );
}
