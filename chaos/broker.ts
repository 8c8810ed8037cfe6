import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startNatsServer, type ChildRecords, type RunningNatsServer } from '@sluice/servers';

export interface BrokerOptions {
  binary: string;
  folder: string;
  /** Who its clients are. */
  lines: string[];
  /** Seed of a user who may do everything. */
  operatorKey: string;
  records?: ChildRecords;
}

/** The broker as a row handles it: the same address through stops and starts. */
export class Broker {
  readonly #options: BrokerOptions;
  #running: RunningNatsServer | undefined;
  #port: number | undefined;
  /** Releases resources of this broker alone. */
  onClose: () => Promise<void> = async () => {};

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  get version(): string {
    return this.#running?.version ?? 'not running';
  }

  get pid(): number {
    return this.#running!.pid;
  }

  async start(): Promise<void> {
    const { binary, folder, lines, records } = this.#options;
    const settings = { lines };
    this.#running = await startNatsServer({
      binary,
      storeFolder: folder,
      port: this.#port,
      settings,
      records,
    });
    this.#port = this.#running.port;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = undefined;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Stops for good. */
  async close(): Promise<void> {
    await this.stop();
    await this.onClose();
  }

  /** Removes everything that was stored; only while it does not run. */
  async loseData(): Promise<void> {
    await rm(path.join(this.#options.folder, 'jetstream'), { recursive: true, force: true });
  }
}
