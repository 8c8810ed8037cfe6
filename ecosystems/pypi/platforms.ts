import { satisfies } from '@renovatebot/pep440';
import { platformPattern } from '@sluice/contracts';
import type { FileName, WheelTag } from './file-names.ts';

/** A platform that packages are installed on, `cp312-linux-x64-glibc`; parts that are left out stand for any. */
export interface InstallPlatform {
  /** Minor version of CPython 3, `12`; null for any Python. */
  python: number | null;
  os: string;
  cpu: string;
  libc: string | null;
}

const pattern = new RegExp(`^(?:cp3(\\d{1,2})-)?(${platformPattern})$`);

/** @returns null for a text that names no platform. */
export function readPlatform(text: string): InstallPlatform | null {
  const [, python, platform] = pattern.exec(text) ?? [];
  if (platform === undefined) return null;
  const [os = '', cpu = '', libc] = platform.split('-');
  return { python: python === undefined ? null : Number(python), os, cpu, libc: libc ?? null };
}

/** Processors as wheels name them, by Node's name of them. */
const machines: Record<string, Record<string, string[]>> = {
  linux: {
    x64: ['x86_64'],
    arm64: ['aarch64'],
    ia32: ['i686'],
    arm: ['armv7l', 'armv6l'],
    ppc64: ['ppc64le', 'ppc64'],
    s390x: ['s390x'],
    riscv64: ['riscv64'],
    loong64: ['loongarch64'],
  },
  darwin: {
    x64: ['x86_64', 'universal2', 'intel', 'fat64', 'universal'],
    arm64: ['arm64', 'universal2'],
  },
  win32: { x64: ['win_amd64'], ia32: ['win32'], arm64: ['win_arm64'] },
};

/**
 * Whether an installer on a platform could take a file. Source: PyPA, "Platform compatibility tags" (PEP 425, 600, 656).
 * @param requiresPython the file's Requires-Python; null for none.
 */
export function fitsPlatform(
  file: FileName,
  requiresPython: string | null,
  platform: InstallPlatform,
): boolean {
  if (!allowsPython(requiresPython, platform.python)) return false;
  return (
    file.kind === 'sdist' ||
    file.tags.some((tag) => fitsPython(tag, platform.python) && fitsMachine(tag.platform, platform))
  );
}

/** A statement that cannot be read restricts nothing, as for pip. */
function allowsPython(requiresPython: string | null, python: number | null): boolean {
  if (requiresPython === null || python === null) return true;
  try {
    // The newest patch release of a line: `>=3.9.2` does not leave out Python 3.9.
    return satisfies(`3.${python}.99`, requiresPython.replaceAll(/\s+/g, ''));
  } catch {
    return true;
  }
}

function fitsPython({ python, abi }: WheelTag, minor: number | null): boolean {
  if (minor === null) return true;
  const [, implementation, digits = ''] = /^([a-z]+)(\d*)/.exec(python) ?? [];
  if (implementation === 'py') return digits === '3' || isUpTo(digits, minor);
  if (implementation !== 'cp') return false;
  if (abi === 'abi3') return digits === '3' || isUpTo(digits, minor);
  return digits === `3${minor}` && (abi === 'none' || abi.replace(/[mu]+$/, '') === `cp3${minor}`);
}

function isUpTo(digits: string, minor: number): boolean {
  return digits.startsWith('3') && Number(digits.slice(1)) <= minor;
}

function fitsMachine(tag: string, { os, cpu, libc }: InstallPlatform): boolean {
  if (tag === 'any') return true;
  const known = machines[os]?.[cpu] ?? [];
  if (os === 'win32') return known.includes(tag);
  if (os === 'darwin')
    return known.some((machine) => /^macosx_\d+_\d+_/.test(tag) && tag.endsWith(`_${machine}`));
  const [, family] = /^(manylinux|musllinux|linux)(?:\d|_)/.exec(tag) ?? [];
  if (os !== 'linux' || family === undefined || !known.some((machine) => tag.endsWith(`_${machine}`)))
    return false;
  if (libc === 'glibc') return family !== 'musllinux';
  return libc === 'musl' ? family !== 'manylinux' : true;
}
