/** The sluice command. */
export { createProgram } from './program.ts';
