import { readFile } from 'node:fs/promises';
import type { RunningPostgres } from '@sluice/servers';

/** Postgres as a row handles it: the same address through kills and starts. */
export class Database {
  readonly #start: (port: number | undefined) => Promise<RunningPostgres>;
  #running: RunningPostgres | undefined;
  #url = '';
  #port: number | undefined;

  constructor(start: (port: number | undefined) => Promise<RunningPostgres>) {
    this.#start = start;
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    this.#running = await this.#start(this.#port);
    this.#url = this.#running.url;
    this.#port = this.#running.port;
  }

  /** SIGKILL to the postmaster: every transaction that has not committed is gone. */
  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = undefined;
  }

  /** Sends a signal to every process of Postgres. @returns how many there are. */
  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<number> {
    const { pid } = this.#running!;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const pids = [pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
    for (const each of pids) process.kill(each, signal);
    return pids.length;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }
}
