import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildProgram } from '@sluice/testkit';
import { expect, it } from 'vitest';

const program = await buildProgram(new URL('./main.ts', import.meta.url));

it('the process exits with the code of its command, and has written everything before', async () => {
  const child = spawn(process.execPath, [program, 'status', '--server', 'http://127.0.0.1:1']);
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(4);
  expect(stderr).toMatch(/cannot be reached.*\n.+\n$/s);
});

it('the process ends without a stack trace when the reader of its output has gone', async () => {
  const child = spawn(process.execPath, [program, '--help']);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
});
