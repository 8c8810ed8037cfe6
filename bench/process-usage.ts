import { readdir, readFile } from 'node:fs/promises';

/** Resources used by processes; from /proc, so on Linux only. */
export interface Usage {
  /** Processor time since they started, in milliseconds, with that of children that ended. */
  cpuMs: number;
  /** Resident memory now, in bytes. Memory shared by several processes is counted once, in equal parts. */
  memoryBytes: number;
}

/** Linux counts processor time in hundredths of a second, on every machine. */
const tickMs = 10;

/** Usage of a process and its descendants. Postgres has a process per connection, the scanner one per archive. */
export async function usageOf(pid: number): Promise<Usage> {
  const parents = await readStats();
  const family = [pid];
  for (const parent of family) {
    for (const [child, { parentPid }] of parents) if (parentPid === parent) family.push(child);
  }
  const memory = await Promise.all(family.map((member) => memoryOf(member)));
  return {
    cpuMs: family.reduce((sum, member) => sum + (parents.get(member)?.cpuMs ?? 0), 0),
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** The processes that this one started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  return [...(await readStats())].flatMap(([child, { parentPid }]) => (parentPid === pid ? [child] : []));
}

/** The usage of several processes by name; those of one name are added up. */
export async function usageByName(processes: { name: string; pid: number }[]): Promise<Map<string, Usage>> {
  const usage = new Map<string, Usage>();
  for (const { name, pid } of processes) {
    const { cpuMs, memoryBytes } = await usageOf(pid);
    const before = usage.get(name) ?? { cpuMs: 0, memoryBytes: 0 };
    usage.set(name, { cpuMs: before.cpuMs + cpuMs, memoryBytes: before.memoryBytes + memoryBytes });
  }
  return usage;
}

/** Processor time between two looks at the same processes, in milliseconds by name. */
export function cpuMsBetween(before: Map<string, Usage>, after: Map<string, Usage>): Map<string, number> {
  return new Map([...after].map(([name, { cpuMs }]) => [name, cpuMs - (before.get(name)?.cpuMs ?? 0)]));
}

export function sumOf(values: Iterable<number>): number {
  return [...values].reduce((sum, each) => sum + each, 0);
}

interface Stat {
  parentPid: number;
  cpuMs: number;
}

async function readStats(): Promise<Map<number, Stat>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(
    pids.map(async (pid) => {
      // Gone in the meantime.
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
      return text === null ? [] : [[pid, parseStat(text)] as const];
    }),
  );
  return new Map(stats.flat());
}

/** Source: proc(5). The name, in parentheses, may hold anything, so that fields are counted from behind it. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].map((index) => Number(fields[index]));
  return { parentPid: Number(fields[1]), cpuMs: ticks.reduce((sum, each) => sum + each, 0) * tickMs };
}

async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return kilobytes(text, 'Pss') * 1_024;
}

/** The most that a process ever had resident, in bytes. */
export async function peakMemoryOf(pid: number): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmHWM') * 1_024;
}

/** Resident memory of a process now, in bytes, shared pages included. */
export async function residentMemoryOf(pid: number): Promise<number> {
  return kilobytes(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1_024;
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}
