import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Unpack } from 'tar';

/** Files that a program placed: content by path, as base64. */
export interface Placed {
  files: Map<string, string>;
  /** True when the program said that something is wrong; a user would see it. */
  failed: boolean;
}

/** As npm extracts: the first segment is dropped, links are passed over, oddities are logged at most. */
export async function extractAsNpm(bytes: Buffer): Promise<Placed> {
  return await inFolder(async (cwd) => {
    const unpack = new Unpack({
      cwd,
      strip: 1,
      noMtime: true,
      preserveOwner: false,
      filter: (_, entry) => !('type' in entry && entry.type.endsWith('Link')),
    });
    const failed = await new Promise<boolean>((resolve) => {
      unpack.on('error', () => resolve(true));
      unpack.on('close', () => resolve(false));
      unpack.end(bytes);
    });
    return failed;
  });
}

/** GNU tar, or null where there is another one or none. */
export const hasGnuTar = /GNU tar/.test(spawnSync('tar', ['--version']).stdout?.toString() ?? '');
export const hasBsdtar = spawnSync('bsdtar', ['--version']).status === 0;
export const hasPython = spawnSync('python3', ['-c', 'import tarfile']).status === 0;

/** @param program `tar` of GNU, or `bsdtar` of libarchive. */
export async function extractWithTar(program: 'tar' | 'bsdtar', bytes: Buffer): Promise<Placed> {
  return await inFolder(async (cwd) => {
    const archive = path.join(cwd, '..', `${path.basename(cwd)}.tar`);
    await writeFile(archive, bytes);
    const args = ['-xf', archive, '--strip-components=1', '--no-same-owner', '-C', cwd];
    try {
      return await promisify(execFile)(program, args).then(
        () => false,
        () => true,
      );
    } finally {
      await rm(archive, { force: true });
    }
  });
}

const script = `
import base64, json, sys, tarfile
for line in sys.stdin:
    files, failed = {}, False
    try:
        with tarfile.open(line.strip(), 'r:') as archive:
            for member in archive:
                if member.isreg() and '/' in member.name:
                    files[member.name.split('/', 1)[1]] = base64.b64encode(archive.extractfile(member).read()).decode()
    except Exception:
        failed = True
    print(json.dumps({'files': files, 'failed': failed}))
`;

/** Python's tarfile reads all archives in one process, which starts slowly. */
export async function readWithPython(archives: Buffer[]): Promise<Placed[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-tar-'));
  try {
    const names = archives.map((_, i) => path.join(folder, `${i}.tar`));
    await Promise.all(names.map((name, i) => writeFile(name, archives[i]!)));
    const { stdout } = spawnSync('python3', ['-c', script], {
      input: names.join('\n'),
      maxBuffer: 64 * 1024 * 1024,
    });
    const lines = stdout.toString().trimEnd().split('\n');
    return lines.map((line) => {
      const { files, failed } = JSON.parse(line) as { files: Record<string, string>; failed: boolean };
      const normalised = Object.entries(files).map(
        ([name, content]) => [path.normalize(name), content] as const,
      );
      return { files: new Map(normalised), failed };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function inFolder(extract: (cwd: string) => Promise<boolean>): Promise<Placed> {
  const parent = await mkdtemp(path.join(tmpdir(), 'sluice-tar-'));
  const cwd = path.join(parent, 'package');
  try {
    await mkdir(cwd);
    const failed = await extract(cwd);
    const files = new Map<string, string>();
    for (const entry of await readdir(cwd, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(path.relative(cwd, file), (await readFile(file)).toString('base64'));
    }
    return { files, failed };
  } finally {
    await rm(parent, { recursive: true });
  }
}
