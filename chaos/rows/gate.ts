import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import { Installer } from '../installer.ts';
import { endedItems, secondsOf, type Row } from '../row.ts';
import { serviceNames, type World } from '../world.ts';

/** Row 39: the broker and the database are away while clients install. */
export const gateAlone: Row = {
  number: 39,
  name: 'gate alone: broker and database away during installs',
  async inject(world) {
    const downMs = world.full ? 600_000 : 30_000;
    const installer = await installing(world);
    await world.broker.kill();
    await world.database.kill();
    const downAt = Date.now();
    await delay(downMs);
    const upAt = Date.now();
    await world.database.start();
    await world.broker.start();
    const seenMs = await untilRejected(world, installer);
    await installer.stop();
    const meanwhile = installer.answers.filter(({ askedAt }) => askedAt > downAt && askedAt < upAt);
    const refused = meanwhile.filter(({ status }) => status !== 200);
    const factor = world.full ? '' : ` (shortened from 600 s by ${600_000 / downMs})`;
    return {
      what: `away ${secondsOf(downMs)} s${factor}; ${meanwhile.length} archives meanwhile, ${refused.length} of them refused`,
      recovery: { measuredMs: seenMs, barMs: 15_000, what: 'until a rejection is seen again' },
      problems: [
        ...(await installer.violations()),
        ...(meanwhile.length === 0 ? ['nothing was installed meanwhile'] : []),
        ...(refused.length > 0
          ? [`${refused.length} approved archives were refused: ${refused[0]!.status}`]
          : []),
      ],
    };
  },
};

/** Row 39: every service dies again and again while clients install and reviewers change their minds. */
export const gateKilled: Row = {
  number: 39,
  name: 'gate and all others killed during installs and decisions',
  async inject(world) {
    const installer = await installing(world);
    const until = Date.now() + 30_000;
    const decisions = decideUntil(world, until);
    let kills = 0;
    while (Date.now() < until) {
      const service = serviceNames[Math.floor(world.random.next() * serviceNames.length)]!;
      await world.signal(service, 'SIGKILL').catch(() => 0);
      kills += 1;
      await delay(1_500);
    }
    await decisions;
    const seenMs = await untilRejected(world, installer);
    await installer.stop();
    const served = installer.answers.filter(({ status }) => status === 200).length;
    return {
      what: `${kills} kills in 30 s, ${installer.answers.length} archives asked for, ${served} served`,
      recovery: { measuredMs: seenMs, barMs: 15_000, what: 'until a rejection is seen again' },
      problems: [...(await installer.violations()), ...(served === 0 ? ['nothing was served'] : [])],
    };
  },
};

/** Clients that install what was approved, and is known to be at the gate. */
async function installing(world: World): Promise<Installer> {
  const packages = Math.min(world.packages, 100);
  const before = await endedItems(world);
  await world.load.submit(packages);
  await waitFor(async () => (await endedItems(world)) >= before + packages, {
    what: 'verdicts',
    timeoutMs: 60_000,
  });
  const installer = new Installer(world);
  for (const purl of world.load.published.keys()) {
    const isServed = async () => (await installer.ask(purl)).status === 200;
    await waitFor(isServed, { what: `${purl} at the gate`, timeoutMs: 30_000 });
  }
  installer.start();
  return installer;
}

/** How long until a new rejection is seen at the gate, from now on, retries of the command included. */
async function untilRejected(world: World, installer: Installer): Promise<number> {
  const started = Date.now();
  const purl = [...world.load.published.keys()].at(-1)!;
  world.expectations.decided.add(purl);
  await waitFor(() => decide(world, purl, 'reject'), { what: 'a decision', timeoutMs: 60_000 });
  await waitFor(async () => (await installer.ask(purl)).status === 403, {
    what: 'a refusal',
    timeoutMs: 60_000,
  });
  return Date.now() - started;
}

/** Approves and rejects package versions in turns. Commands that are not answered may have been carried out. */
async function decideUntil(world: World, until: number): Promise<void> {
  const purls = [...world.load.published.keys()].slice(0, 20);
  for (let turn = 0; Date.now() < until; turn += 1) {
    const purl = purls[turn % purls.length]!;
    world.expectations.decided.add(purl);
    await decide(world, purl, Math.floor(turn / purls.length) % 2 === 0 ? 'reject' : 'approve');
    await delay(200);
  }
}

async function decide({ stack }: World, purl: string, verb: 'approve' | 'reject'): Promise<boolean> {
  const url = `${stack.info.apiUrl}/v1/packages/${encodeURIComponent(purl)}/${verb}`;
  const body = JSON.stringify({ by: 'chaos', reason: 'row 39' });
  const headers = { 'content-type': 'application/json', 'x-sluice-client': 'chaos' };
  return fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(12_000) }).then(
    ({ ok, status }) => ok || status === 409,
    () => false,
  );
}
