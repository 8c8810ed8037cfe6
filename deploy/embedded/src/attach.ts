/** The part of the stack that commands need: loads fast, without any service's code. */
export { attachOrStart, findRunning, type AttachedStack } from './attach-or-start.ts';
export type { RunInfo } from './run-file.ts';
export { defaultStateFolder, stateFolder } from './state-folder.ts';
