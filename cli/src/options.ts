import type { Command } from 'commander';
import type { ServerOptions } from './connect.ts';
import type { OutputOptions } from './output.ts';

export interface ApiOptions extends ServerOptions, OutputOptions {}

export interface ActorOptions extends ApiOptions {
  reason: string;
  by?: string;
}

/** A command with output: `--json`. */
export function outputCommand(parent: Command, name: string): Command {
  return parent.command(name).option('--json', 'print one JSON object, also when it fails');
}

/** A command that calls the API: `--json` and `--server`. */
export function apiCommand(parent: Command, name: string): Command {
  return outputCommand(parent, name).option(
    '--server <url>',
    'a gateway elsewhere; the stack of this folder otherwise',
  );
}

export interface ScopeOptions {
  scope?: string;
}

/** A command about one scope: adds `--scope`. */
export function scoped(command: Command): Command {
  return command.option('--scope <name>', 'whose policy and decisions: a team’s; default unless given');
}

/** The address with the scope that was asked for in its query. */
export function inScope(path: string, { scope }: ScopeOptions): string {
  if (scope === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}scope=${encodeURIComponent(scope)}`;
}

/** A command that is recorded in the audit: adds `--reason` and `--by`. */
export function actingCommand(parent: Command, name: string): Command {
  return apiCommand(parent, name)
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who asks for it, on this machine’s own stack; the holder of the key otherwise');
}

/** Why, and who asks for it where that is not the holder of the key, as the API wants it. */
export function actor({ reason, by }: ActorOptions): { reason: string; by?: string } {
  return by === undefined ? { reason } : { reason, by };
}
