import { queuePageSchema, workerPageSchema, type QueuePage, type Worker } from '@sluice/api';
import type { Command } from 'commander';
import { renderBytes } from '../render/bytes.ts';
import { printable } from '../render/printable.ts';
import { renderColumns } from '../render/requests.ts';
import { renderCircuits, renderControls } from '../render/waits.ts';
import { withRunningApi } from '../connect.ts';
import { apiCommand, type ApiOptions } from '../options.ts';
import { print } from '../output.ts';

/** `sluice queue` and `sluice workers`: messages that wait, and instances with their work. */
export function systemCommands(program: Command): void {
  apiCommand(program, 'queue')
    .description('show what waits before each stage, in each lane, and what the stages wait for')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) =>
        print(options, await api.get(queuePageSchema, '/v1/queues'), renderQueues),
      ),
    );
  apiCommand(program, 'workers')
    .description('show every instance of every service, and what it works on')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) =>
        print(
          options,
          { items: await api.pages(workerPageSchema, '/v1/workers') },
          ({ items }) => items.map(renderWorker).join('') || 'No worker is running.\n',
        ),
      ),
    );
}

/** A queue a row. Pure. */
export function renderQueues({ items, deadLetters, bulk, circuits, controls }: QueuePage): string {
  const rows = [
    ['queue', 'waiting', 'running', 'unsettled', 'redelivered', 'oldest', 'rate', 'eta'],
    ...items.map((queue) => [
      queue.consumer,
      String(queue.waiting),
      String(queue.running),
      String(queue.unsettled),
      String(queue.redelivered),
      queue.oldestAgeSeconds === null ? '-' : `${Math.round(queue.oldestAgeSeconds)} s`,
      queue.ratePerSecond === null ? '-' : `${queue.ratePerSecond.toFixed(1)}/s`,
      queue.etaSeconds === null ? '-' : `${queue.etaSeconds} s`,
    ]),
  ];
  const letters = `Dead letters: ${deadLetters.dlq}; parked: ${deadLetters.parked}.\n`;
  const window = bulk
    ? `Bulk: ${bulk.running} of at most ${bulk.runningMax} in flight; ${bulk.waiting} wait for their turn.\n`
    : '';
  return `${renderColumns(rows)}\n\n${window}${letters}${renderControls(controls)}${renderCircuits(circuits)}`;
}

/** One line for the instance, and one for each package version in work. Pure. */
export function renderWorker(worker: Worker): string {
  const { service, instance, stage, version, state, startedAt, lastSeenAt, running, detail } = worker;
  const what = `${state}${detail ? ` (${detail})` : ''}, since ${startedAt}, last seen ${lastSeenAt}`;
  const lines = [
    `${service}/${instance}  ${version}  ${stage === null ? '' : `stage ${stage}  `}${what}`,
    ...running.map(
      ({ purl, since, bytes }) => `  ${purl}  since ${since}${bytes ? `  ${renderBytes(bytes)}` : ''}`,
    ),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
