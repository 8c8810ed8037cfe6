import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kept between runs: pip needs a minute to install it. */
const folder = path.join(tmpdir(), 'sluice-bench-guarddog');
const program = path.join(folder, 'bin', 'guarddog');
/** The largest packages take it half a minute. */
const scanMaxMs = 300_000;

interface GuardDogReport {
  risks?: unknown[];
  risk_score?: { label?: string };
}

export interface GuardDogScan {
  /** Whether it rates the risk above low. */
  isFlagged: boolean;
  /** Whether it names any risk: a capability with a threat. */
  hasRisks: boolean;
  seconds: number;
}

/**
 * GuardDog in a virtual environment of its own, as its documentation says.
 * @returns its version; null, with the reason said aloud, where it cannot be had.
 */
export async function findGuardDog(say: (line: string) => void): Promise<string | null> {
  try {
    await access(program).catch(async () => {
      say('  installing GuardDog …');
      await mkdir(folder, { recursive: true });
      await run('python3', ['-m', 'venv', folder]);
      await run(path.join(folder, 'bin', 'pip'), ['install', '--quiet', 'guarddog']);
    });
    return (await run(program, ['--version'])).stdout.trim();
  } catch (error) {
    const [line] = String((error as { stderr?: string }).stderr || error).split('\n');
    say(`  GuardDog cannot be had (${line}): what compares with it is left out`);
    return null;
  }
}

/**
 * @param archive path of a tarball.
 * @returns null when it gives no answer.
 */
export async function scanWithGuardDog(archive: string): Promise<GuardDogScan | null> {
  const started = performance.now();
  try {
    const args = ['npm', 'scan', archive, '--output-format', 'json'];
    const { stdout } = await run(program, args, { timeout: scanMaxMs, maxBuffer: 256 * 1024 * 1024 });
    const { risks = [], risk_score: risk } = JSON.parse(stdout) as GuardDogReport;
    return {
      isFlagged: /medium|high|critical/.test(risk?.label ?? ''),
      hasRisks: risks.length > 0,
      seconds: (performance.now() - started) / 1_000,
    };
  } catch {
    // Counted as unanswered; its errors are texts without a form.
    return null;
  }
}
