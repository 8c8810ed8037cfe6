import { readFileSync, rmSync, watchFile } from 'node:fs';
import path from 'node:path';

/**
 * Places where a process can be told to die as by `kill -9`, so that tests can prove recovery. Without the
 * variables that `armFailpoints` reads, a failpoint is one comparison.
 */

interface Armed {
  name: string;
  /** Dies at this hit. */
  hit: number;
  /** Dies at a hit with this probability, when given. */
  probability: number | null;
}

let armed: Armed | null = null;
let hits = 0;
let beforeDeath: () => void = () => {};

/** Often enough to meet a running flow in its middle. */
const pollMs = 50;

/**
 * Arms the failpoints of this process.
 * - `SLUICE_FAILPOINT`, or `SLUICE_FAILPOINT_<SERVICE>` for one service: `name`, `name@n` for the n-th hit,
 *   `name:p` for each hit with probability p. It holds for every process that is started with it.
 * - `SLUICE_FAILPOINT_FOLDER`: a file in it that is called like the service arms it while it runs, with the same
 *   text. The file is removed at death, so that the process that comes after lives.
 * @throws Error when the text cannot be read: a failpoint that silently does nothing would prove nothing.
 */
export function armFailpoints(service: string, env: Readonly<Record<string, string | undefined>>): void {
  const text = env[`SLUICE_FAILPOINT_${service.toUpperCase()}`] || env['SLUICE_FAILPOINT'];
  if (text) arm(text);
  const folder = env['SLUICE_FAILPOINT_FOLDER'];
  if (!folder) return;
  const file = path.join(folder, service);
  const read = () => {
    const content = readIfThere(file);
    armed = null;
    if (content === null) return;
    arm(content);
    beforeDeath = () => rmSync(file, { force: true });
  };
  read();
  watchFile(file, { interval: pollMs, persistent: false }, read);
}

/** Dies here when this point is armed. */
export function failpoint(name: string): void {
  if (armed === null || armed.name !== name) return;
  hits += 1;
  if (armed.probability === null ? hits < armed.hit : Math.random() >= armed.probability) return;
  beforeDeath();
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment to arrive, and nothing may happen after this point.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function arm(text: string): void {
  const match = /^([a-z-]+)(?:@(\d+)|:(0?\.\d+|1))?$/.exec(text.trim());
  if (!match) throw new Error(`"${text}" is not a failpoint; write name, name@hit or name:probability.`);
  const [, name = '', hit, probability] = match;
  armed = {
    name,
    hit: Number(hit ?? 1),
    probability: probability === undefined ? null : Number(probability),
  };
  hits = 0;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
