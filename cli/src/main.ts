import { runCommand } from './run-command.ts';

const code = await runCommand(process.argv.slice(2));
// What is written to a pipe leaves in its own time; a process that simply exits would cut it off.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
);
process.exit(code);
