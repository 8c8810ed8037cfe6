import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { World } from './world.ts';

/** An answer of the gate to a client that wanted an archive. */
interface Installed {
  purl: string;
  askedAt: number;
  /** Null where there was no answer: the gate was dead. */
  status: number | null;
  sha256: string | null;
}

/** Clients at once, each with its next wish as soon as it has an answer. */
const clients = 4;
const pauseMs = 20;
/** A decision counts at the gate within this time. */
const visibleMs = 1_000;

interface DecisionRow {
  purl: string;
  state: string;
  at: Date;
  until: Date | null;
}

/** Clients that install all the time, and note what they got. */
export class Installer {
  readonly answers: Installed[] = [];
  readonly #world: World;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#install()));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Asks for one archive now. */
  async ask(purl: string): Promise<Installed> {
    const [name = ''] = purl.replace('pkg:npm/', '').split('@');
    const askedAt = Date.now();
    const url = `${this.#world.stack.info.gateUrl}/npm/${name}/-/${name}-1.0.0.tgz`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
      const bytes = Buffer.from(await response.arrayBuffer());
      const sha256 = response.ok ? createHash('sha256').update(bytes).digest('hex') : null;
      return { purl, askedAt, status: response.status, sha256 };
    } catch {
      return { purl, askedAt, status: null, sha256: null };
    }
  }

  /** What must never be: other bytes than those that were published, or any without an approval that held. */
  async violations(): Promise<string[]> {
    const rows = await this.#world.sql<DecisionRow[]>`
      select purl, state, at, until from aggregator.decisions where scope = 'default' order by purl, sequence`;
    return this.answers.flatMap((answer) => {
      if (answer.sha256 === null) return [];
      const published = this.#world.load.published.get(answer.purl);
      const wanted = published && createHash('sha256').update(published.tarball).digest('hex');
      if (answer.sha256 !== wanted) return [`I3: ${answer.purl} was served with other bytes`];
      return isApprovedAt(rows, answer) ? [] : [`I4: ${answer.purl} was served without an approval`];
    });
  }

  async #install(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const purls = [...this.#world.load.published.keys()];
      const purl = purls[Math.floor(this.#world.random.next() * purls.length)];
      if (purl !== undefined) this.answers.push(await this.ask(purl));
      await delay(pauseMs);
    }
  }
}

/** Whether an approval held at some moment between the time that a decision takes to be seen and the answer. */
function isApprovedAt(rows: readonly DecisionRow[], { purl, askedAt }: Installed): boolean {
  const own = rows.filter((row) => row.purl === purl);
  return own.some(({ state, until }, index) => {
    const next = own[index + 1];
    const isOver = next !== undefined && next.at.getTime() + visibleMs < askedAt;
    const hasEnded = until !== null && until.getTime() < askedAt;
    return state === 'approved' && !isOver && !hasEnded;
  });
}
