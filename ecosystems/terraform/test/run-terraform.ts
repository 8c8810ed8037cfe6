import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** The program of `SLUICE_TERRAFORM`, or the one of PATH. */
const program = process.env['SLUICE_TERRAFORM'] ?? 'terraform';

/** Whether this machine has a Terraform; says so where it has none. */
export function hasTerraform(): boolean {
  const isThere =
    spawnSync(program, ['version', '-json'], { env: { ...process.env, ...quiet } }).status === 0;
  if (!isThere) console.warn('Skipped: there is no terraform on this machine (SLUICE_TERRAFORM names one).');
  return isThere;
}

/** Nothing of the machine's own configuration counts, and nothing is asked of the outside. */
const quiet = {
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  TF_CLI_CONFIG_FILE: '/dev/null',
  TF_INPUT: '0',
};

export interface TerraformRun {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface TerraformFolder {
  path: string;
  write(file: string, text: string | Uint8Array): Promise<void>;
  run(args: readonly string[], env?: Record<string, string>): Promise<TerraformRun>;
}

/** A folder with a configuration of its own, which is removed when the test ends. */
export async function terraformFolder(files: Record<string, string> = {}): Promise<TerraformFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-terraform-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = (file: string, text: string | Uint8Array) => writeFile(path.join(folder, file), text);
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { path: folder, write, run: (args, env = {}) => run(folder, args, env) };
}

function run(cwd: string, args: readonly string[], env: Record<string, string>): Promise<TerraformRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...quiet, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}
