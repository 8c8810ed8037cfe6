import type { Circuit, Wait } from '@sluice/api';
import { describeControl, hostControl, pipeline, type Control } from '@sluice/contracts';
import type { WorkerState } from '@sluice/stages';

/** Every host that some stage waits for, once per stage, from the reports of its instances. Pure. */
export function circuitsOf(workers: WorkerState[], controls: readonly Control[]): Circuit[] {
  const found = new Map<string, Circuit>();
  const add = (circuit: Omit<Circuit, 'instances'>, instance: string) => {
    const key = `${circuit.service} ${circuit.host}`;
    const known = found.get(key);
    found.set(key, known ? together(known, circuit, instance) : { ...circuit, instances: [instance] });
  };
  for (const { service, stage, instance, circuits, upstreams } of workers) {
    for (const host of upstreams) {
      const control = hostControl(controls, host);
      if (control) add({ ...pausedHost(host, control), service, stage }, instance);
    }
    for (const { since, probeAt, ...circuit } of circuits) {
      if (hostControl(controls, circuit.host)) continue;
      // Dates become text on their way over the broker.
      add(
        { ...circuit, since: String(since), probeAt: String(probeAt), state: 'open', service, stage },
        instance,
      );
    }
  }
  return [...found.values()].toSorted((a, b) => (a.service + a.host < b.service + b.host ? -1 : 1));
}

function pausedHost(host: string, control: Control) {
  const code = 'upstream.paused';
  const detail = describeControl(control);
  return { host, state: 'paused' as const, since: control.at, code, detail, probeAt: null, consecutive: 0 };
}

/** Away since the first found it so, tried again when the first tries. */
function together(known: Circuit, other: Omit<Circuit, 'instances'>, instance: string): Circuit {
  const earliest = (a: string, b: string) => (a < b ? a : b);
  return {
    ...known,
    since: earliest(known.since, other.since),
    probeAt: known.probeAt && other.probeAt && earliest(known.probeAt, other.probeAt),
    consecutive: Math.max(known.consecutive, other.consecutive),
    instances: [...new Set([...known.instances, instance])],
  };
}

/**
 * Causes other than the queue that the open items of a request wait for. Pure.
 * @param open how many of them are in each stage.
 */
export function waitsOf(
  open: Record<string, number>,
  controls: readonly Control[],
  circuits: Circuit[],
): Wait[] {
  return pipeline.flatMap(({ service, stage }): Wait[] => {
    const items = open[stage] ?? 0;
    if (items === 0) return [];
    const paused = controls.filter(({ kind, name }) => kind === 'stage' && name === stage);
    const away = circuits.filter((circuit) => circuit.service === service);
    return [
      ...paused.map((control) => ({
        stage,
        items,
        kind: 'stage' as const,
        name: stage,
        text: describeControl(control),
      })),
      ...away.map(({ host, state, since, detail }) => ({
        stage,
        items,
        kind: state === 'paused' ? ('host' as const) : ('circuit' as const),
        name: host,
        text: state === 'paused' ? detail : `${service} waits for ${host} since ${since}: ${detail}`,
      })),
    ];
  });
}
