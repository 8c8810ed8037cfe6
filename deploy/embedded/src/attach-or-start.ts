import { setTimeout as delay } from 'node:timers/promises';
import { readRunning, type RunInfo } from './run-file.ts';
import { startStack, type StackOptions } from './start-stack.ts';
import { stateFolder } from './state-folder.ts';

export interface AttachedStack {
  info: RunInfo;
  /** False when it was started for this command. */
  attached: boolean;
  /** Stops what was started for this command; a stack that ran before goes on. */
  release(): Promise<void>;
}

const POLL_MS = 100;

/** The stack that runs in this folder, or else one in this process for as long as the command needs it. */
export async function attachOrStart(options: StackOptions): Promise<AttachedStack> {
  const state = stateFolder(options.stateFolder);
  for (let running = await readRunning(state); running !== null; running = await readRunning(state)) {
    if (running.state === 'ready') return { info: running, attached: true, release: async () => undefined };
    // Somebody starts it right now; either it becomes ready or it ends.
    await delay(POLL_MS);
  }
  const stack = await startStack(options);
  return { info: stack.info, attached: false, release: () => stack.stop() };
}
