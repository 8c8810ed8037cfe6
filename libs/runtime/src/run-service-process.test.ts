import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { buildProgram } from '@sluice/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';

const program = await buildProgram(new URL('../test/plain-service.ts', import.meta.url));

function start(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return { child, output: () => output };
}
/** Resolves when the process has written this; a test that waits in vain is ended by its timeout. */
async function written(child: ChildProcess, output: () => string, text: string): Promise<void> {
  while (!output().includes(text))
    await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data')]);
}
const ended = async (child: ChildProcess) => {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal };
};

describe('a process of runService', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order at %s and exits with 0', async (signal) => {
    const { child, output } = start();
    await written(child, output, 'is ready');
    const end = ended(child);
    child.kill(signal);
    expect(await end).toEqual({ code: 0, signal: null });
    expect(output()).toContain('closed');
  });

  it('stops in order also when it is told to while it starts', async () => {
    const { child, output } = start({ STARTS_AFTER_SIGNAL: '1' });
    await written(child, output, 'starting');
    const end = ended(child);
    child.kill('SIGTERM');
    expect(await end).toEqual({ code: 0, signal: null });
    expect(output()).toContain('closed');
  });

  it('ends with 1 and says why when it cannot start', async () => {
    const { child, output } = start({ FAIL: 'the port is taken' });
    expect(await ended(child)).toEqual({ code: 1, signal: null });
    expect(output()).toContain('plain cannot start: the port is taken');
    expect(output()).toContain('closed');
  });

  it('ends with 1 over a bad health port, before it starts anything', async () => {
    const { child, output } = start({ HEALTH_PORT: 'many' });
    expect(await ended(child)).toEqual({ code: 1, signal: null });
    expect(output()).toContain('HEALTH_PORT');
    expect(output()).not.toContain('started');
  });
});
