import { lanes } from '@sluice/contracts';
import { Option, type Command } from 'commander';
import { platforms, seconds } from './arguments.ts';
import { scoped, type ScopeOptions } from './options.ts';

/** Options of submitted files. */
export interface SubmissionOptions extends ScopeOptions {
  timeout: number;
  requester?: string;
  lane: string;
  label: string[];
  platform?: string[];
}

/** A command that submits files and waits for them. */
export function submitting(command: Command): Command {
  return scoped(command)
    .addOption(
      new Option('--timeout <seconds>', 'give up waiting after this long').default(1_800).argParser(seconds),
    )
    .option('--requester <name>', 'who asks, on this machine’s own stack; the holder of the key otherwise')
    .addOption(
      new Option('--lane <lane>', 'bulk for what nobody waits for').choices(lanes).default('interactive'),
    )
    .option('--label <name=value>', 'may be repeated', (label: string, all: string[]) => [...all, label], [])
    .option(
      '--platform <platform>',
      'current, all or os-cpu such as linux-x64: leave out what only others install; may be repeated (default: all)',
      platforms,
    );
}
