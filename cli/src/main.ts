import { runCommand } from './run-command.ts';

const code = await runCommand(process.argv.slice(2));
// Writes to a pipe are asynchronous: an exit before they end would cut them off.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
);
process.exit(code);
