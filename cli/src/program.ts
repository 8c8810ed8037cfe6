import { softwareVersion } from '@sluice/runtime/software-version';
import { Command } from 'commander';
import { plainUsageError } from './usage-errors.ts';
import { adminCommands } from './commands/admin.ts';
import { advisoriesCommands } from './commands/advisories.ts';
import { artifactsCommands } from './commands/artifacts.ts';
import { auditCommands } from './commands/audit.ts';
import { batchCommands } from './commands/batch.ts';
import { controlCommands } from './commands/control.ts';
import { deadLettersCommands } from './commands/dead-letters.ts';
import { debtCommand } from './commands/debt.ts';
import { decideManyCommands } from './commands/decide-many.ts';
import { decideCommands } from './commands/decide.ts';
import { gateCommands } from './commands/gate.ts';
import { installsCommand } from './commands/installs.ts';
import { holdCommands } from './commands/hold.ts';
import { jobCommands } from './commands/job.ts';
import { keysCommands } from './commands/keys.ts';
import { loginCommands } from './commands/login.ts';
import { policyCommands } from './commands/policy.ts';
import { projectCommands } from './commands/project.ts';
import { projectionCommands } from './commands/projection.ts';
import { replayCommands } from './commands/replay.ts';
import { reviewCommand } from './commands/review.ts';
import { setupCommands } from './commands/setup.ts';
import { showCommand } from './commands/show.ts';
import { statusCommand } from './commands/status.ts';
import { submitCommand } from './commands/submit.ts';
import { systemCommands } from './commands/system.ts';
import { traceCommand } from './commands/trace.ts';
import { waiverCommands } from './commands/waivers.ts';
import { verifyCommands } from './commands/verify.ts';
import { vetCommand } from './commands/vet.ts';
import { webhooksCommands } from './commands/webhooks.ts';

/** All commands; `up` and `test` are the launcher's. */
export function createProgram(): Command {
  const program = new Command('sluice')
    .description('The gate for third-party packages.')
    .version(softwareVersion)
    .showHelpAfterError('See --help.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(plainUsageError(text)) });
  vetCommand(program);
  submitCommand(program);
  batchCommands(program);
  projectCommands(program);
  statusCommand(program);
  jobCommands(program);
  reviewCommand(program);
  debtCommand(program);
  showCommand(program);
  decideCommands(program);
  decideManyCommands(program);
  waiverCommands(program);
  policyCommands(program);
  controlCommands(program);
  holdCommands(program);
  replayCommands(program);
  deadLettersCommands(program);
  gateCommands(program);
  installsCommand(program);
  verifyCommands(program);
  systemCommands(program);
  loginCommands(program);
  keysCommands(program);
  adminCommands(program);
  webhooksCommands(program);
  auditCommands(program);
  advisoriesCommands(program);
  artifactsCommands(program);
  projectionCommands(program);
  traceCommand(program);
  setupCommands(program);
  return program;
}
