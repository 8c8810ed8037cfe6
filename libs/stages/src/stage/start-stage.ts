import { lanes, type Lane } from '@sluice/contracts';
import { activeTracer, type ServiceContext } from '@sluice/runtime';
import { context } from '@opentelemetry/api';
import {
  openAttemptLedger,
  Circuits,
  LastTries,
  Puller,
  SlotPool,
  startReleasing,
  type OutageState,
} from '@sluice/delivery';
import type { Bus } from '@sluice/broker';
import type { AssessmentEventData, StageDefinition } from './define-stage.ts';
import { watchDroppedAssessments } from '../gate/dropped-assessments.ts';
import { StageGate } from '../gate/stage-gate.ts';
import { stageDurable } from './stage-durable.ts';
import { StageMessage } from './stage-message.ts';
import type { InWork } from './stage-run.ts';
import { watchControls, type ControlWatch } from '../gate/watch-controls.ts';
import { announceWorker, runningListed } from '../workers/workers.ts';

export interface RunningStage {
  /** The outage that the stage waits for, or null; the first of several. */
  outage(): OutageState | null;
  /** Messages in work. */
  running(): number;
  /** Stops pulling, aborts messages in work and gives them back. */
  stop(): Promise<void>;
}

/**
 * Runs a stage in this process: one durable consumer per lane, `<service>-<lane>`, over shared slots.
 * Everything about delivery happens here and in the files beside this one; the stage only gathers and decides.
 * @param watch the controls; given by a service that needs to know it elsewhere, too.
 */
export async function startStage<
  In extends AssessmentEventData,
  Deps,
  Gathered,
  Out extends AssessmentEventData,
>(
  bus: Bus,
  stage: StageDefinition<In, Deps, Gathered, Out>,
  deps: Deps,
  service: Pick<ServiceContext<unknown>, 'log' | 'health' | 'signal' | 'onStop'>,
  watch?: ControlWatch,
): Promise<RunningStage> {
  const startedAt = new Date().toISOString();
  const { log } = service;
  const ledger = await openAttemptLedger(bus, stage.service);
  const lastTries = new LastTries(ledger);
  // A start that fails half way is ended like a stage that runs, in the order of this list.
  const ends: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of ends) await end();
  };
  service.onStop(`stage ${stage.name}`, stop);
  const dropped = await watchDroppedAssessments(bus, log);
  ends.push(() => dropped.stop());
  const slots = new SlotPool(stage.limits.concurrency);
  const inWork: InWork = new Map();
  const pullers: Puller[] = [];
  let worker: Awaited<ReturnType<typeof announceWorker>> | undefined;
  const refillAll = () => pullers.forEach((puller) => puller.refill());
  const wake = () => {
    pullers.forEach((puller) => puller.wake());
    worker?.changed();
  };
  const controls = watch ?? (await watchControls(bus, log));
  if (!watch) ends.push(() => controls.stop());
  const circuits = new Circuits({
    consumer: stage.service,
    log,
    controls,
    needs: stage.needs,
    retryBaseMs: stage.limits.retryBaseMs,
    onChange: wake,
  });
  const gate = new StageGate(
    { name: stage.name, service: stage.service, instance: bus.instance },
    controls,
    circuits,
  );
  controls.onChange(() => {
    circuits.controlsChanged();
    wake();
  });

  // Messages arrive on NATS' callbacks, outside of any context: the service's own travels along from here.
  const serviceContext = context.active();
  const tracer = activeTracer();
  for (const lane of lanes) {
    const onMessage = (message: ConstructorParameters<typeof StageMessage>[1]) =>
      context.with(serviceContext, () =>
        new StageMessage(
          {
            bus,
            stage,
            deps,
            ledger,
            lastTries,
            gate,
            log,
            tracer,
            lane,
            dropped,
            inWork,
            onInWork: () => worker?.changed(),
            stopping: service.signal,
          },
          message,
        ).settle(),
      );
    pullers.push(
      new Puller({
        bus,
        lane,
        slots,
        log,
        onMessage,
        onFree: refillAll,
        pausedUntil: () => gate.pausedUntil(),
        spec: consumerSpec(stage, lane),
      }),
    );
  }
  ends.push(() => {
    pullers.forEach((puller) => puller.stop());
    return Promise.all(pullers.map((puller) => puller.idle()));
  });
  // Interactive first: it looks at free slots before bulk does.
  for (const puller of pullers) await puller.start();

  const report = () => gate.report(slots.running(), service.signal.aborted);
  service.health.add(`stage ${stage.name}`, () => {
    const { detail } = report();
    return detail === null ? { ok: true } : { ok: false, required: false, detail };
  });
  worker = await announceWorker(bus, log, () => ({
    service: stage.service,
    stage: stage.name,
    startedAt,
    ...report(),
    concurrency: slots.total,
    running: [...inWork.values()].slice(0, runningListed),
    inWork: countByLane(inWork),
    circuits: circuits.open(),
    upstreams: circuits.upstreams(),
  }));
  ends.push(startReleasing(bus, stage.service, stage.consumes, log), () => worker?.stop());
  return { outage: () => circuits.open()[0] ?? null, running: () => slots.running(), stop };
}

function countByLane(inWork: InWork): Record<Lane, number> {
  const counts: Record<Lane, number> = { interactive: 0, bulk: 0 };
  for (const { lane } of inWork.values()) counts[lane] += 1;
  return counts;
}

/** Messages in work and waiting for a retry, at which the broker stops delivering new ones. */
const maxAckPending = 10_000;

function consumerSpec(
  stage: { service: string; consumes: { type: string }; limits: { ackWaitMs: number } },
  lane: Lane,
) {
  return {
    durable: stageDurable(stage.service, lane),
    filterSubject: `${stage.consumes.type}.${lane}`,
    ackWaitMs: stage.limits.ackWaitMs,
    maxAckPending,
  };
}
