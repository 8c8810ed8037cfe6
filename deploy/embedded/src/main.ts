import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';
import type { RunInfo } from './run-file.ts';
import { stackServices } from './services.ts';
import { killStack, startStack } from './start-stack.ts';
import { defaultStateFolder } from './state-folder.ts';
import { parseUpArguments, upHelp } from './up-arguments.ts';

const say = (line: string) => console.log(line);
const step = (line: string) => say(`  ${line}`);

/** Exit codes; the command line has the same for a wrong argument. */
const wrongUsage = 2;
const cannotStart = 1;

/** `npm start`: runs the stack until a signal stops it; the process ends with 0 then, else with 1, or 2 for wrong arguments. */
export async function runUp(args: string[], env: Env = process.env): Promise<void> {
  let exitCode = wrongUsage;
  try {
    const options = parseUpArguments(args, env);
    if (options === null) return say(upHelp);
    exitCode = cannotStart;
    const settings = { stateFolder: defaultStateFolder, ...options };
    const signalled = firstSignal(() => killStack(settings.stateFolder));
    const startedAt = performance.now();
    say('Starting Sluice …');
    const stack = await startStack({ ...settings, services: stackServices, env, onStep: step });
    describe(stack.info, performance.now() - startedAt);
    void warnOfMissingAdvisories(stack.info.apiUrl);
    say(`Stopping (${await signalled}); again to force it …`);
    await stack.stop();
    say('Stopped; the data is kept.');
    // A handle that a service forgot to close must not keep the process.
    process.exit(0);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`sluice: ${error.message}\n        ${error.remedy}`);
    process.exit(exitCode);
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

function describe({ apiUrl, apiKey, gateUrl, logs, split }: RunInfo, tookMs: number): void {
  const folder = relative(process.cwd(), Object.values(logs)[0] ?? '').replace(/[^/]*$/, '');
  say(`Ready in ${(tookMs / 1000).toFixed(1)} s${split ? ', one process per service' : ''}.

  Console    ${apiUrl}/${apiKey === null ? '' : `#k=${apiKey}`}
  API        ${apiUrl}, described at ${apiUrl}/docs${apiKey === null ? '' : `#k=${apiKey}`}
  Gate       ${gateUrl}
  Logs       ${folder}

  Try, in another terminal:
    npm run vet -- path/to/package-lock.json
    npm run sluice -- gate config    what package managers need, to install through the gate
    npm run sluice -- --help

  Ctrl-C stops it; the data is kept.`);
}

/** How long the first refresh of the advisories is waited for, and how often it is asked after. */
const advisoriesWait = { ms: 60_000, everyMs: 2_000 };

/** Says when nothing can be found clean, and why, once the first refresh has failed or goes on for long. */
async function warnOfMissingAdvisories(apiUrl: string): Promise<void> {
  const deadline = Date.now() + advisoriesWait.ms;
  for (;;) {
    const { ok, detail } = await advisoriesCheck(apiUrl);
    if (ok) return;
    if (detail.includes('failed') || Date.now() > deadline) {
      return say(`
  Advisories: ${detail.replace(/\.$/, '')}. Until they are there, nothing can be found clean.
  Load an export of OSV by hand: npm run sluice -- advisories import <zip, folder or URL>`);
    }
    await delay(advisoriesWait.everyMs, undefined, { ref: false });
  }
}

interface AdvisoriesCheck {
  ok: boolean;
  detail: string;
}

async function advisoriesCheck(apiUrl: string): Promise<AdvisoriesCheck> {
  try {
    const readiness = (await (await fetch(`${apiUrl}/readyz`)).json()) as {
      checks: { advisories: Partial<AdvisoriesCheck> };
    };
    const { ok = false, detail = 'none are loaded' } = readiness.checks.advisories;
    return { ok, detail };
  } catch {
    // It stops, or is busy.
    return { ok: false, detail: 'not known' };
  }
}
