import { relative } from 'node:path';
import type { Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';
import type { RunInfo } from './run-file.ts';
import { stackServices } from './services.ts';
import { killStack, startStack } from './start-stack.ts';
import { defaultStateFolder } from './state-folder.ts';
import { parseUpArguments, upHelp } from './up-arguments.ts';

const say = (line: string) => console.log(line);
const step = (line: string) => say(`  ${line}`);

/** `npm start`: runs the stack until a signal stops it; the process ends with 0 then, with 1 when it cannot start. */
export async function runUp(args: string[], env: Env = process.env): Promise<void> {
  try {
    const options = parseUpArguments(args, env);
    if (options === null) return say(upHelp);
    const settings = { stateFolder: defaultStateFolder, ...options };
    const signalled = firstSignal(() => killStack(settings.stateFolder));
    const startedAt = performance.now();
    say('Starting Sluice …');
    const stack = await startStack({ ...settings, services: stackServices, env, onStep: step });
    describe(stack.info, performance.now() - startedAt);
    say(`Stopping (${await signalled}); again to force it …`);
    await stack.stop();
    say('Stopped; the data is kept.');
    // Whatever a service forgot to close must not keep the process.
    process.exit(0);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`sluice: ${error.message}\n        ${error.remedy}`);
    process.exit(1);
  }
}

/** Resolves at the first signal that asks to stop; the second one ends everything at once. */
function firstSignal(force: () => Promise<void>): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (!isFirst) void force().finally(() => process.exit(130));
        isFirst = false;
        resolve(name);
      });
    }
  });
}

function describe({ apiUrl, logs, split }: RunInfo, tookMs: number): void {
  const folder = relative(process.cwd(), Object.values(logs)[0] ?? '').replace(/[^/]*$/, '');
  say(`Ready in ${(tookMs / 1000).toFixed(1)} s${split ? ', one process per service' : ''}.

  API        ${apiUrl}
  API docs   ${apiUrl}/docs
  Logs       ${folder}

  Try, in another terminal:
    npm run vet -- path/to/package-lock.json
    npm run sluice -- --help

  Ctrl-C stops it; the data is kept.`);
}
