import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Set in the process that has a mount namespace of its own. */
const ownMountsVariable = 'SLUICE_CHAOS_OWN_MOUNTS';

/**
 * Runs this program again in a mount namespace of its own, in which rows mount and fill file systems: nothing of that
 * is seen outside or outlives the run. Needs root and `unshare`, as mounting does.
 * @returns the exit code of that run; null in that run itself, and where no row mounts anything.
 */
export async function runWithOwnMounts(isNeeded: boolean): Promise<number | null> {
  if (!isNeeded || process.env[ownMountsVariable]) return null;
  const child = spawn('unshare', ['--mount', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [ownMountsVariable]: '1' },
  });
  return await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** A program or right that mounts need and this machine lacks; null when it has all. */
export function missingForMounts(): Promise<string | null> {
  const needs = 'mkfs.ext4 -V && losetup --version && fsfreeze --version && mount -t tmpfs tmpfs /mnt';
  return run('unshare', ['--mount', 'sh', '-c', needs]).then(
    () => null,
    () => 'nothing can be mounted; it takes root, e2fsprogs, mount and util-linux',
  );
}

/** A small file system of a row. */
export interface SmallDisk {
  /** Leaves no room. */
  fill: () => Promise<void>;
  makeRoom: () => Promise<void>;
  close: () => Promise<void>;
}

/** One that can be taken away as well. */
export interface ImageDisk extends SmallDisk {
  /** Every write hangs in the kernel until `thaw`. */
  freeze: () => Promise<void>;
  thaw: () => Promise<void>;
  unmount: () => Promise<void>;
  mount: () => Promise<void>;
}

/** Mounts an ext4 file system of an image file, which unlike one in memory can be frozen. */
export async function mountImage(image: string, target: string, megabytes: number): Promise<ImageDisk> {
  await run('dd', ['if=/dev/zero', `of=${image}`, 'bs=1M', `count=${megabytes}`]);
  await run('mkfs.ext4', ['-q', '-m', '0', image]);
  const { stdout } = await run('losetup', ['--find', '--show', image]);
  const device = stdout.trim();
  let isFrozen = false;
  const disk: ImageDisk = {
    ...room(`${target}/filler`),
    async freeze() {
      await run('fsfreeze', ['--freeze', target]);
      isFrozen = true;
    },
    async thaw() {
      await run('fsfreeze', ['--unfreeze', target]);
      isFrozen = false;
    },
    // Lazily: files that are open stay so, as on a share whose server went away.
    unmount: () => run('umount', ['--lazy', target]).then(ignore),
    mount: () => run('mount', [device, target]).then(ignore),
    async close() {
      if (isFrozen) await disk.thaw();
      await disk.unmount();
      await run('losetup', ['--detach', device]);
    },
  };
  await disk.mount();
  return disk;
}

/** Mounts a file system in memory, small enough to be filled. */
export async function mountMemory(target: string, megabytes: number): Promise<SmallDisk> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', target]);
  return {
    ...room(`${target}/filler`),
    close: () => run('umount', ['--lazy', target]).then(ignore),
  };
}

function room(filler: string): Pick<SmallDisk, 'fill' | 'makeRoom'> {
  return {
    // dd ends with an error when nothing more fits, which is the point.
    fill: () => run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']).then(ignore, ignore),
    makeRoom: () => run('rm', ['-f', filler]).then(ignore),
  };
}

const ignore = () => {};
