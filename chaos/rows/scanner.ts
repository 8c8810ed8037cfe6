import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import { purlOf } from '../load.ts';
import { quiesce } from '../quiesce.ts';
import { secondsOf, type Row } from '../row.ts';
import type { World } from '../world.ts';

const frozenMs = 40_000;

/** Row 4: the process that reads an archive stands still for 40 s; the scanner itself must go on answering. */
export const childBlocked: Row = {
  number: 4,
  name: 'event loop blocked 40 s by an input',
  world: { env: { SCAN_SECONDS: '60', SCANNER_CHILDREN: '2' } },
  async inject(world) {
    // A first archive makes a child, which then waits for the next.
    await world.load.submit(10);
    await quiesce(world, 120_000);
    const scanner = await world.pidOf('scanner');
    const child = await waitFor(async () => (await childrenOf(scanner))[0], { timeoutMs: 60_000 });
    process.kill(child, 'SIGSTOP');
    const stop = new AbortController();
    const lags = answerTimes(world, stop.signal);
    const submitted = world.load.submit(world.packages);
    await delay(frozenMs);
    stop.abort();
    const times = (await lags).toSorted((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)] ?? Infinity;
    process.kill(child, 'SIGCONT');
    await submitted;
    return {
      what: `a sandbox process stopped for ${secondsOf(frozenMs)} s while ${world.packages} archives came`,
      recovery: { measuredMs: p99, barMs: 200, what: `p99 of ${times.length} answers of the scanner` },
    };
  },
};

/** How long the scanner takes to say that it lives, every 50 ms. */
async function answerTimes({ stack }: World, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!signal.aborted) {
    const started = performance.now();
    await fetch(`${stack.info.health['scanner']}/livez`).then((response) => response.arrayBuffer());
    times.push(performance.now() - started);
    await delay(50);
  }
  return times;
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const children = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent ? pid : null;
    }),
  );
  return children.filter((pid) => pid !== null);
}

/** Row 26: an archive that takes longer than an archive may, twice. */
export const childHangs: Row = {
  number: 26,
  name: 'scanner child runs out of time',
  world: { env: { SCAN_SECONDS: '1' } },
  async inject(world) {
    const [name] = world.load.publish(1, { files: largeSources() });
    world.expectations.outcomes.set(purlOf(name!), ['review']);
    const before = await world.pidOf('scanner');
    await Promise.all([world.load.submitOne([name!]), world.load.submit(world.packages)]);
    const scan = await waitFor(
      async () =>
        (
          await world.sql<{ status: string; reason: string }[]>`
            select scan -> 'files' -> 0 ->> 'status' as status, scan -> 'files' -> 0 ->> 'reason' as reason
            from aggregator.assessments where purl = ${purlOf(name!)} and state <> 'running'`
        )[0],
      { what: 'the archive that takes too long', timeoutMs: 120_000 },
    );
    return {
      what: 'an archive of 60 MB of source text with a second for it, among others',
      problems: [
        ...(scan.status === 'unscannable' ? [] : [`it was ${scan.status}`]),
        ...(scan.reason === 'scanner.child-failed' ? [] : [`for ${scan.reason}`]),
        ...((await world.pidOf('scanner')) === before ? [] : ['the scanner died with its child']),
      ],
    };
  },
};

/** Text that compresses badly enough to be let in, and that starts programs, so that all of it is parsed. */
function largeSources(): Record<string, string> {
  const line = (index: number) =>
    `exports.f${index} = function (a, b) { return a["${randomBytes(24).toString('hex')}"](b); };\n`;
  const file = Array.from({ length: 15_000 }, (_, index) => line(index)).join('');
  return Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `lib/f${index}.js`,
      `require('child_process'); // ${index}\n${file}`,
    ]),
  );
}
