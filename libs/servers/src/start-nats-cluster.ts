import { join } from 'node:path';
import type { ChildRecords } from './child-records.ts';
import { freePort } from './ports.ts';
import { startNatsServer, type RunningNatsServer } from './start-nats-server.ts';

export interface NatsNode {
  /** As the broker calls it, such as `n1`. */
  name: string;
  url: string;
  /** Starts it again on its ports and store, after `stop` or `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Whether it and all that it keeps are up to date, by its own account. */
  isHealthy(): Promise<boolean>;
}

export interface NatsCluster {
  /** Of all nodes, with commas. */
  url: string;
  nodes: NatsNode[];
  stop(): Promise<void>;
}

/**
 * Starts nats-servers on loopback that are one cluster, each with a store of its own below the folder. They answer; that
 * they have chosen a leader takes them a few seconds more.
 */
export async function startNatsCluster(options: {
  binary: string;
  folder: string;
  size?: number;
  /** Further lines of each node's configuration. */
  lines?: string[];
  records?: ChildRecords;
}): Promise<NatsCluster> {
  const { binary, folder, size = 3, lines: further = [], records } = options;
  const names = Array.from({ length: size }, (_, index) => `n${index + 1}`);
  const ports = await distinctPorts(3 * size);
  const [clients, routes, monitors] = [0, 1, 2].map((part) =>
    ports.slice(part * size, (part + 1) * size),
  ) as [number[], number[], number[]];
  const addresses = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const nodes = names.map((name, index): NatsNode => {
    let server: RunningNatsServer | undefined;
    const lines = [
      `http: "127.0.0.1:${monitors[index]}"`,
      ...further,
      `cluster { name: "sluice", listen: "127.0.0.1:${routes[index]}", routes: [${addresses}] }`,
    ];
    return {
      name,
      url: `nats://127.0.0.1:${clients[index]}`,
      async start() {
        const storeFolder = join(folder, name);
        const port = clients[index];
        server = await startNatsServer({
          binary,
          storeFolder,
          port,
          serverName: name,
          settings: { lines },
          records,
        });
      },
      stop: async () => server?.stop(),
      kill: async () => server?.kill(),
      async isHealthy() {
        const response = await fetch(`http://127.0.0.1:${monitors[index]}/healthz`).catch(() => null);
        await response?.arrayBuffer();
        return response?.ok ?? false;
      },
    };
  });
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: nodes.map(({ url }) => url).join(','), nodes, stop };
}

async function distinctPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort('127.0.0.1'));
  return [...ports];
}
