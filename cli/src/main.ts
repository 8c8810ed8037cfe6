import { exitCodes } from './exit-codes.ts';
import { runCommand } from './run-command.ts';

// A reader such as `head` may close the pipe early. The command ends then, and not with 0: its result was not read.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => process.exit(exitCodes.server));
}
const code = await runCommand(process.argv.slice(2));
// Writes to a pipe are asynchronous: an exit before they end would cut them off.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
);
process.exit(code);
