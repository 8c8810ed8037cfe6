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

/** Judges the behaviour of code that is run at install; what one file does by itself is for the general rules. */
export function checkSignals(signals: readonly Signal[]): InstallHit[] {
  const find = (...kinds: SignalKind[]) => signals.find(({ kind }) => kinds.includes(kind));
  const piped = find('download-pipe');
  if (piped) return [block('Downloads and runs code at install', piped)];
  const network = find('network', 'dns-built');
  if (network) return [networkHit(signals, network)];
  const started = signals.find(({ kind, detail }) => kind === 'spawn' && !isKnownCommand(detail));
  const dynamic = find('dynamic-code');
  const secret = find('credential-file', 'metadata-address');
  return [
    ...(started ? [behaviour(`Starts a program at install: ${started.detail}`, started)] : []),
    ...(dynamic ? [behaviour('Runs text as code at install', dynamic)] : []),
    ...(secret ? [behaviour(`Names a file with credentials at install: ${secret.detail}`, secret)] : []),
  ];
}

function networkHit(signals: readonly Signal[], network: Signal): InstallHit {
  const find = (...kinds: SignalKind[]) => signals.find(({ kind }) => kinds.includes(kind));
  const dynamic = find('dynamic-code');
  if (dynamic) return block('Downloads at install, and runs text as code', dynamic);
  if (isCollection(signals))
    return block('Collects data about the machine and uses the network at install', network);
  const drop = find('drop-webhook', 'drop-site', 'raw-address');
  if (drop) return block('Uses a drop address at install', drop);
  const title = find('spawn') ? 'Downloads at install, and starts programs' : 'Uses the network at install';
  return { concern: 'network', hit: { title, line: network.line ?? null } };
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

function block(title: string, { line = null }: { line?: number | null }): InstallHit {
  return { concern: 'network', hit: { tier: 'block', severity: 'critical', title, line } };
}

function behaviour(title: string, { line = null }: { line?: number | null }): InstallHit {
  return { concern: 'behaviour', hit: { title, line } };
}
