import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Brings the compiled child up to date: Node runs it, and Node 20 cannot run TypeScript. Quick when nothing changed. */
export async function buildScanner(): Promise<void> {
  const scanner = fileURLToPath(new URL('..', import.meta.url));
  const compiler = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));
  await promisify(execFile)(compiler, ['-b', scanner]);
}
