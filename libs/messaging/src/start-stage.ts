import { lanes, type Lane } from '@sluice/contracts';
import { activeTracer, type ServiceContext } from '@sluice/runtime';
import { context } from '@opentelemetry/api';
import { openAttemptLedger } from './attempt-ledger.ts';
import type { Bus } from './connection.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import type { AssessmentEventData, StageDefinition } from './define-stage.ts';
import { watchDroppedAssessments } from './dropped-assessments.ts';
import { OutageGate, type OutageState } from './outage-gate.ts';
import { Puller } from './puller.ts';
import { SlotPool } from './slot-pool.ts';
import { StageMessage, type InWork } from './stage-message.ts';
import { ensureTopology } from './topology.ts';
import { announceWorker, runningListed } from './workers.ts';

export interface RunningStage {
  /** The outage that the stage waits for, or null. */
  outage(): OutageState | null;
  /** Messages in work. */
  running(): number;
  /** Stops pulling, aborts what is in work and gives it back. */
  stop(): Promise<void>;
}

/**
 * Runs a stage in this process: one durable consumer per lane, `<service>-<lane>`, over shared slots.
 * Everything about delivery happens here and in the files beside this one; the stage only gathers and decides.
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
): Promise<RunningStage> {
  const startedAt = new Date().toISOString();
  await ensureTopology(bus);
  const { log } = service;
  const ledger = await openAttemptLedger(bus, stage.service);
  const dropped = await watchDroppedAssessments(bus);
  const slots = new SlotPool(stage.limits.concurrency);
  const inWork: InWork = new Map();
  const pullers: Puller[] = [];
  const refillAll = () => pullers.forEach((puller) => puller.refill());

  const gate = new OutageGate(
    (state) => {
      log.warn({ host: state.host, probeAt: state.probeAt }, `${stage.service} waits for ${state.host}`);
      consumerMetrics.paused.set({ consumer: stage.service, host: state.host }, 1);
      pullers.forEach((puller) => puller.pauseUntil(state.probeAt.getTime()));
    },
    (state) => {
      log.info({ host: state.host }, `${state.host} is back`);
      consumerMetrics.paused.set({ consumer: stage.service, host: state.host }, 0);
      refillAll();
    },
    stage.limits.retryBaseMs,
  );

  // Messages arrive on NATS' callbacks, outside of any context: the service's own travels along from here.
  const serviceContext = context.active();
  const tracer = activeTracer();
  for (const lane of lanes) {
    const onMessage = (message: ConstructorParameters<typeof StageMessage>[1]) =>
      context.with(serviceContext, () =>
        new StageMessage(
          { bus, stage, deps, ledger, gate, log, tracer, lane, dropped, inWork, stopping: service.signal },
          message,
        ).settle(),
      );
    pullers.push(
      new Puller({ bus, lane, slots, log, onMessage, onFree: refillAll, spec: consumerSpec(stage, lane) }),
    );
  }
  // Interactive first: it looks at free slots before bulk does.
  for (const puller of pullers) await puller.start();

  service.health.add(`stage ${stage.name}`, () => {
    const outage = gate.state;
    return outage
      ? { ok: false, required: false, detail: `waits for ${outage.host} since ${outage.since.toISOString()}` }
      : { ok: true };
  });
  const worker = await announceWorker(bus, () => ({
    service: stage.service,
    startedAt,
    state: service.signal.aborted ? 'stopping' : gate.state ? 'paused' : 'working',
    concurrency: slots.total,
    running: [...inWork.values()].slice(0, runningListed),
    detail: gate.state ? `waits for ${gate.state.host} since ${gate.state.since.toISOString()}` : null,
  }));
  const stop = async () => {
    dropped.stop();
    pullers.forEach((puller) => puller.stop());
    await Promise.all(pullers.map((puller) => puller.idle()));
    await worker.stop();
  };
  service.onStop(`stage ${stage.name}`, stop);
  return { outage: () => gate.state, running: () => slots.running(), stop };
}

/** How far in-work and waiting-for-retry messages may pile up before the broker stops delivering new ones. */
const maxAckPending = 10_000;

function consumerSpec(
  stage: { service: string; consumes: { type: string }; limits: { ackWaitMs: number } },
  lane: Lane,
) {
  return {
    durable: `${stage.service}-${lane}`,
    filterSubject: `${stage.consumes.type}.${lane}`,
    ackWaitMs: stage.limits.ackWaitMs,
    maxAckPending,
  };
}
