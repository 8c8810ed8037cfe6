import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { stageServices } from '@sluice/contracts';
import { isAlive } from '@sluice/servers';
import { waitFor } from '@sluice/testkit/fakes';
import { secondsOf, underLoad, type Row } from '../row.ts';
import { serviceNames, type ServiceName, type World } from '../world.ts';

const stormMeanMs = 10_000;

/** Row 2: services die at random, one every ten seconds on average, while work keeps coming. */
export const killStorm: Row = {
  number: 2,
  name: 'kill storm',
  async inject(world) {
    const durationMs = world.full ? 300_000 : 60_000;
    const until = Date.now() + durationMs;
    const waves = feed(world, until);
    const killed: string[] = [];
    for (;;) {
      const waitMs = world.random.exponential(stormMeanMs);
      if (Date.now() + waitMs > until) break;
      await delay(waitMs);
      const victim = world.random.pick(serviceNames);
      await world.signal(victim, 'SIGKILL');
      killed.push(victim);
    }
    await delay(Math.max(0, until - Date.now()));
    await waves;
    return {
      what: `${killed.length} kills in ${secondsOf(durationMs)} s: ${killed.join(', ')}`,
      recovery: { since: Date.now(), barMs: 60_000, what: 'drained after the storm' },
      problems: killed.length === 0 ? ['nobody was killed'] : [],
    };
  },
};

/** Submits the packages in ten waves over the time. */
export async function feed(world: World, until: number): Promise<void> {
  const waves = 10;
  const everyMs = (until - Date.now()) / waves;
  const submissions: Promise<void>[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    submissions.push(world.load.submit(Math.ceil(world.packages / waves)));
    await delay(everyMs);
  }
  await Promise.all(submissions);
}

/** Row 25: SIGTERM to each service in turn, under load. */
export const terminate: Row = {
  number: 25,
  name: 'SIGTERM under load',
  async inject(world) {
    const problems: string[] = [];
    const times: string[] = [];
    let slowest = 0;
    const perService = Math.ceil(world.packages / serviceNames.length);
    for (const service of serviceNames) {
      const { submitted } = await underLoad(world, perService, 0.05);
      const tookMs = await terminated(world, service, problems);
      slowest = Math.max(slowest, tookMs);
      times.push(`${service} ${secondsOf(tookMs)} s`);
      await submitted;
    }
    problems.push(...(await finishedTwice(world)));
    return {
      what: `exits: ${times.join(', ')}`,
      recovery: { measuredMs: slowest, barMs: 25_000, what: 'slowest exit' },
      problems,
    };
  },
};

async function terminated(world: World, service: ServiceName, problems: string[]): Promise<number> {
  const said = world.steps.length;
  const started = Date.now();
  const pid = await world.signal(service, 'SIGTERM');
  await waitFor(() => !isAlive(pid), { what: `${service} to end`, timeoutMs: 60_000 });
  const tookMs = Date.now() - started;
  const ending = await waitFor(() =>
    world.steps.slice(said).find((step) => step.includes(`${service} ended`)),
  );
  if (!ending.includes('(code 0)')) problems.push(ending);
  return tookMs;
}

/** Messages that a stage finished twice, by its log: a message finished before the signal must not come again. */
async function finishedTwice({ stack }: World): Promise<string[]> {
  const problems: string[] = [];
  for (const stage of stageServices) {
    const finished = new Map<number, number>();
    for (const line of (await readFile(stack.info.logs[stage]!, 'utf8')).split('\n')) {
      if (!line.includes('"message settled"') || !line.includes('"outcome":"done"')) continue;
      const { sequence } = JSON.parse(line) as { sequence: number };
      finished.set(sequence, (finished.get(sequence) ?? 0) + 1);
    }
    const twice = [...finished.values()].filter((count) => count > 1).length;
    if (twice > 0) problems.push(`${stage} finished ${twice} messages twice`);
  }
  return problems;
}
