import { startNatsCluster, type NatsCluster, type NatsNode } from '@sluice/servers';
import { connectBus, eventsStream } from '@sluice/broker';
import { createLogger } from '@sluice/runtime';
import { waitFor } from '@sluice/testkit/fakes';
import { Broker, type BrokerOptions } from './broker.ts';

/** Three nodes that are one broker. */
export class ClusterBroker extends Broker {
  readonly #options: BrokerOptions;
  #cluster: NatsCluster | undefined;

  constructor(options: BrokerOptions) {
    super(options);
    this.#options = options;
  }

  override get url(): string {
    return this.#cluster!.url;
  }

  get nodes(): NatsNode[] {
    return this.#cluster!.nodes;
  }

  /** Starts all nodes, and waits until they have chosen a leader and take streams. */
  override async start(): Promise<void> {
    this.#cluster = await startNatsCluster(this.#options);
    const log = createLogger('chaos', 'silent');
    const bus = await connectBus({
      url: this.url,
      nkey: this.#options.operatorKey,
      service: 'chaos',
      instance: 'cluster',
      log,
    });
    try {
      await waitFor(() => bus.jsm.getAccountInfo().then(() => true), { timeoutMs: 60_000 });
      // That the leader answers is not yet that every node can be given a copy.
      await waitFor(
        async () => {
          await bus.jsm.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: this.nodes.length });
          return bus.jsm.streams.delete('PROBE');
        },
        { timeoutMs: 60_000 },
      );
    } finally {
      await bus.close();
    }
  }

  override async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  override async stop(): Promise<void> {
    await this.#cluster?.stop();
  }

  /** The node that leads the event stream. */
  async leader(bus: {
    jsm: { streams: { info(name: string): Promise<{ cluster?: { leader?: string } }> } };
  }) {
    const { cluster } = await bus.jsm.streams.info(eventsStream);
    return this.nodes.find(({ name }) => name === cluster?.leader)!;
  }
}
