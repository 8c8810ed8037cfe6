import { SourceFile, type Hit, type Signal, type SignalKind } from '@sluice/inspection/inspect';
import { commandThreats } from '../commands/command-threats.ts';
import type { CommandVerdict, InlineCode } from '../commands/command-verdict.ts';
import { judgeShell } from '../commands/judge-command.ts';
import type { CommandContext } from '../commands/judge.ts';

/** What a hit at install is about; each is a rule of its own. */
export type InstallConcern = 'network' | 'persistence' | 'behaviour';
export interface InstallHit {
  concern: InstallConcern;
  hit: Hit;
}

const collecting: SignalKind[] = [
  'host-info',
  'env-sweep',
  'credential-file',
  'credential-env',
  'metadata-address',
];
/** Places whose content runs again later. */
const persistentPlace =
  /\.(?:bashrc|bash_profile|zshrc|zshenv|zprofile|profile|xprofile)$|\.config\/(?:fish|autostart|systemd)\/|\/etc\/(?:profile|cron|init\.d|systemd|rc\.local)|cron\.d\/|Launch(?:Agents|Daemons)|\.git\/hooks\/|[/\\]Startup[/\\]|\.(?:claude|cursor|codex|gemini|windsurf|continue|vscode)\/|authorized_keys$|\.ssh\//;

/** A command on its own, without a package around it. */
const alone: CommandContext = {
  isOutputRead: false,
  programsOf: () => [],
  hasFile: () => false,
  scriptOf: () => [],
  binOf: () => null,
};

/** Judges a command line that is run at install, without what its files do. */
export function checkCommand(command: string): InstallHit[] {
  return checkCommands(judgeShell(command, alone), []);
}

/** @param files those of the archive that the commands run. */
export function checkCommands(verdict: CommandVerdict, files: string[]): InstallHit[] {
  const ofCommands = commandThreats(verdict, files).map(({ what, tier, title }): InstallHit => ({
    concern: what === 'network' ? 'network' : what === 'persistence' ? 'persistence' : 'behaviour',
    hit: { title, ...(tier === 'block' ? { tier, severity: 'critical' } : {}) },
  }));
  return [...ofCommands, ...verdict.code.flatMap((code) => checkSignals(signalsOf(code)))];
}

function signalsOf({ language, text }: InlineCode): Signal[] {
  return new SourceFile('package.json', language, text).signals;
}

/** Judges the behaviour of code that is run at install. */
export function checkSignals(signals: readonly Signal[]): InstallHit[] {
  const has = (...kinds: SignalKind[]) => signals.some(({ kind }) => kinds.includes(kind));
  const written = signals.find(({ kind, detail }) => kind === 'write-file' && persistentPlace.test(detail));
  const hits: InstallHit[] = [];
  if (written)
    hits.push(block('persistence', `Writes at install where code is run again later: ${written.detail}`));
  if (has('download-pipe')) return [...hits, block('network', 'Downloads and runs code at install')];
  if (has('network', 'dns-built')) return [...hits, networkHit(signals)];
  const started = signals.find(({ kind, detail }) => kind === 'spawn' && !isKnownCommand(detail));
  if (started)
    hits.push({ concern: 'behaviour', hit: { title: `Starts a program at install: ${started.detail}` } });
  if (has('dynamic-code'))
    hits.push({ concern: 'behaviour', hit: { title: 'Runs text as code at install' } });
  if (has('credential-file', 'metadata-address'))
    hits.push({ concern: 'behaviour', hit: { title: 'Reads credentials at install' } });
  return hits;
}

function networkHit(signals: readonly Signal[]): InstallHit {
  const has = (...kinds: SignalKind[]) => signals.some(({ kind }) => kinds.includes(kind));
  if (has('dynamic-code')) return block('network', 'Downloads at install, and runs text as code');
  if (isCollection(signals))
    return block('network', 'Collects data about the machine and uses the network at install');
  if (has('drop-webhook', 'drop-site', 'raw-address'))
    return block('network', 'Uses a drop address at install');
  return {
    concern: 'network',
    hit: {
      title: has('spawn') ? 'Downloads at install, and starts programs' : 'Uses the network at install',
    },
  };
}

/** The environment or credentials, or two different facts about machine and user; one alone is a platform check. */
function isCollection(signals: readonly Signal[]): boolean {
  const collected = signals.filter(({ kind }) => collecting.includes(kind));
  if (collected.some(({ kind }) => kind === 'env-sweep' || kind === 'credential-file')) return true;
  return new Set(collected.map(({ detail }) => detail)).size >= 2;
}

/** A command of which the code tells all: a build of the package's own addon. */
function isKnownCommand(command: string): boolean {
  return judgeShell(command, alone).unclear.length === 0 && !command.startsWith('child_process.');
}

function block(concern: InstallConcern, title: string): InstallHit {
  return { concern, hit: { tier: 'block', severity: 'critical', title } };
}
