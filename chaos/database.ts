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

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }
}
