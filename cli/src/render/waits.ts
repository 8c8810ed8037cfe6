import type { Circuit, Wait } from '@sluice/api';
import { describeControl, type Control } from '@sluice/contracts';
import { printable } from './printable.ts';

/** Controls, a line each, each with an end of line. Pure. */
export function renderControls(controls: Control[]): string {
  return controls.map((control) => `${printable(describeControl(control))}\n`).join('');
}

/** The hosts that stages wait for, a line each, each with an end of line. Pure. */
export function renderCircuits(circuits: Circuit[]): string {
  return circuits
    .map((circuit) => {
      const { host, service, state, since, detail, probeAt, consecutive, instances } = circuit;
      const who = `${service} (${instances.join(', ')})`;
      const line =
        state === 'paused'
          ? `${who} waits for ${host}: ${detail}`
          : `${who} waits for ${host} since ${since}, ${consecutive} tries failed, next at ${probeAt ?? 'unknown'}: ${detail}`;
      return `${printable(line)}\n`;
    })
    .join('');
}

/** Waits of a request's items, a line each, each with an end of line. Pure. */
export function renderWaits(waits: Wait[]): string {
  return waits
    .map(({ stage, items, text }) => `${printable(`${items} items wait in ${stage}: ${text}`)}\n`)
    .join('');
}
