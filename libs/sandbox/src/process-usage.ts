import { readFile } from 'node:fs/promises';

const pageBytes = 4096;
/** Linux counts processor time for programs in hundredths of a second, on every architecture. */
const tickMs = 10;

/** Resident memory; null where there is no /proc: there, the limit on the heap has to do. */
export async function residentBytes(pid: number | undefined): Promise<number | null> {
  const pages = (await readProc(pid, 'statm'))?.split(' ')[1];
  return pages === undefined ? null : Number(pages) * pageBytes;
}

/**
 * Processor time of a process so far, all of its threads together; null where there is no /proc: there, the limit on
 * time as such has to do.
 * Source: proc(5). The name, in parentheses, may hold anything, so that fields are counted from behind it.
 */
export async function processorMs(pid: number | undefined): Promise<number | null> {
  const text = await readProc(pid, 'stat');
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

async function readProc(pid: number | undefined, file: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
