import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Bench, type Result } from '../bench.ts';
import { realProject, writeProject, type RealProject } from '../real-packages.ts';
import { withScratch } from '../scratch.ts';
import { startInstalled } from '../start-installed.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url));
/** All is approved, or something needs attention. */
const vetted = [0, 1];

/** Time to vet a real lockfile, beside npm's time to install it. */
export const cold: Bench = {
  name: 'cold',
  what: 'seconds for `vet` of a real lockfile, with nothing known and again with everything known, against `npm ci --ignore-scripts` with a cold cache; `npm start` as it comes, without an import of advisories',
  async run({ quick, turns, natsServer, say }) {
    const project = await realProject(quick, say);
    if (!project) return [];
    const times = { npm: [] as number[], cold: [] as number[], warm: [] as number[] };
    for (let turn = 0; turn < turns; turn += 1) {
      times.npm.push(await npmCi(project));
      const vet = await vetTwice(project, natsServer);
      times.cold.push(vet.cold);
      times.warm.push(vet.warm);
      say(
        `  npm ci ${times.npm.at(-1)!.toFixed(1)} s, vet ${vet.cold.toFixed(1)} s, again ${vet.warm.toFixed(1)} s`,
      );
    }
    const packages = `${project.packages.length} package versions`;
    const peer = { name: 'npm ci', samples: times.npm };
    const budget = { max: 1.2 * median(times.npm), what: 'at most 1.2 times npm ci' };
    return [
      { what: `${packages}, nothing known`, samples: times.cold, unit: ' s', peer, budget },
      { what: `${packages}, everything known`, samples: times.warm, unit: ' s', peer },
    ] satisfies Result[];
  },
};

function npmCi(project: RealProject): Promise<number> {
  return withScratch(async ({ folder }) => {
    const cwd = path.join(folder, 'project');
    await writeProject(cwd, project);
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', path.join(folder, 'cache')];
    return await seconds(() => run('npm', args, { cwd }));
  });
}

function vetTwice(
  project: RealProject,
  natsServer: string | undefined,
): Promise<{ cold: number; warm: number }> {
  return withScratch(async (scratch) => {
    const cwd = path.join(scratch.folder, 'project');
    await writeProject(cwd, project);
    const { info } = await startInstalled(scratch, natsServer);
    const vet = () => seconds(() => runVet(path.join(cwd, 'package-lock.json'), info.apiUrl));
    return { cold: await vet(), warm: await vet() };
  });
}

async function runVet(lockfile: string, server: string): Promise<void> {
  const args = [cli, 'vet', lockfile, '--server', server, '--json'];
  await run(process.execPath, args, { maxBuffer: 1024 ** 3 }).catch((error: { code?: number }) => {
    if (!vetted.includes(error.code ?? -1)) throw error;
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
