import { isAtLeast } from './nats-version.ts';

export interface NatsServerSettings {
  /** How often the store is flushed to disk, from 2.10 on: a duration such as `1s`, or `always`. */
  syncInterval?: string;
  /** The most that all streams may take on disk, in bytes. */
  maxFileStoreBytes?: number;
  /**
   * Further lines of the configuration: what an operator may write, such as users and clusters. Without users, every client
   * that reaches the port may do everything.
   */
  lines?: string[];
}

interface NatsConfigInput {
  host: string;
  port: number;
  serverName: string;
  storeFolder: string;
  version: string;
  settings: NatsServerSettings;
}

/** The text of a configuration file that this version of nats-server accepts: 2.9 refuses to start on `sync_interval`. */
export function natsServerConfig({
  host,
  port,
  serverName,
  storeFolder,
  version,
  settings,
}: NatsConfigInput): string {
  const { syncInterval = '1s', maxFileStoreBytes, lines: further = [] } = settings;
  const lines = [
    `server_name: ${quote(serverName)}`,
    `host: ${quote(host)}`,
    `port: ${port}`,
    // A dead client is noticed after 20 s instead of the server's default of 4 min.
    'ping_interval: "10s"',
    'ping_max: 2',
    'jetstream {',
    `  store_dir: ${quote(storeFolder)}`,
  ];
  if (isAtLeast(version, '2.10.0')) {
    lines.push(`  sync_interval: ${syncInterval === 'always' ? syncInterval : quote(syncInterval)}`);
  }
  if (maxFileStoreBytes !== undefined) lines.push(`  max_file_store: ${maxFileStoreBytes}`);
  return [...lines, '}', ...further, ''].join('\n');
}

/** Quotes and backslashes are the only characters with a meaning inside a string of the configuration language. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
