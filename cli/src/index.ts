/** The sluice command. */
export { createProgram } from './program.ts';
export { runCommand } from './run-command.ts';
