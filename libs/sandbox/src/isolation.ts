import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** How well a child is kept from the network: by the system, or only by removing network modules from the process. */
export type NetworkIsolation = 'namespace' | 'modules';

/** The child gets nothing of the service's environment; this is only for finding `unshare`. */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const unshare = ['unshare', '--net', '--map-root-user', '--'];

let probed: Promise<NetworkIsolation> | undefined;

/** Whether this machine gives an unprivileged process a network namespace of its own. Tried once. */
export function probeNetworkIsolation(): Promise<NetworkIsolation> {
  probed ??= new Promise((resolve) => {
    const [command, ...args] = unshare;
    const attempt = spawn(command!, [...args, 'true'], { stdio: 'ignore', env: { PATH: searchPath } });
    attempt.once('error', () => resolve('modules'));
    attempt.once('exit', (code) => resolve(code === 0 ? 'namespace' : 'modules'));
  });
  return probed;
}

export interface ChildCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * The command line of a child that can read its own code and nothing else: no writes, no programs, no workers, no
 * addons (Node's permission model), no environment, and no network where there are namespaces.
 */
export function childCommand(options: {
  entry: string;
  network: NetworkIsolation;
  heapMaxMegabytes: number;
  /** Major version of Node; the permission model left its trial with 24. */
  nodeMajor?: number;
}): ChildCommand {
  const {
    entry,
    network,
    heapMaxMegabytes,
    nodeMajor = Number(process.versions.node.split('.')[0]),
  } = options;
  const node = [
    process.execPath,
    nodeMajor >= 24 ? '--permission' : '--experimental-permission',
    ...codeFolders(entry).map((folder) => `--allow-fs-read=${folder}`),
    '--no-warnings',
    '--no-addons',
    `--max-old-space-size=${heapMaxMegabytes}`,
    // Small, so that a child's memory follows its live data and not its past allocations.
    '--max-semi-space-size=8',
    // Below this nothing is collected but what dies young: the tree of a file lives as long as its scan, and marking it
    // again and again while it grows takes a sixth of the processor time. A child then has up to 175 MB, not 132.
    '--initial-heap-size=96',
    // Nested code makes the parser recurse; this is half of the usual 8 MB of stack.
    '--stack-size=3900',
    entry,
  ];
  const [command, ...args] = network === 'namespace' ? [...unshare, ...node] : node;
  return { command: command!, args, env: { PATH: searchPath } };
}

/** Folders that hold the child's code: its package, the packages installed for it, and the workspace's own. */
function codeFolders(entry: string): string[] {
  const folders = new Set<string>([packageFolder(path.dirname(entry))]);
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    const modules = path.join(folder, 'node_modules');
    if (existsSync(modules)) {
      folders.add(modules);
      const scope = path.join(modules, '@sluice');
      for (const name of existsSync(scope) ? readdirSync(scope) : []) {
        const target = realpathSync(path.join(scope, name));
        folders.add(path.join(target, 'dist'));
        folders.add(path.join(target, 'package.json'));
      }
    }
    if (folder === path.dirname(folder)) return [...folders];
  }
}

function packageFolder(folder: string): string {
  let current = folder;
  while (!existsSync(path.join(current, 'package.json'))) {
    if (current === path.dirname(current)) return folder;
    current = path.dirname(current);
  }
  return current;
}
