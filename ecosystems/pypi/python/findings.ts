import { findWipe, isPersistentCommand, persistentPlace } from '@sluice/inspection/inspect';
import { isCodeCall, isNetworkCall, isProgramCall, isReadCall } from './calls.ts';
import type { Ingredient, PythonCall, PythonFacts } from './facts.ts';
import { textOfNode } from './syntax.ts';

/** One behaviour of a file that its rules judge by when it happens. */
export interface PythonHit {
  rule: PythonRuleId;
  title?: string;
  start: number;
  /** Whether it happens by the import alone. */
  runsAtImport: boolean;
  /** Near-certain malice wherever it is. */
  isCertain?: boolean;
}

export type PythonRuleId =
  | 'malware.credential-theft'
  | 'malware.destructive'
  | 'malware.download-execute'
  | 'malware.encoded-powershell'
  | 'malware.eval-decoded'
  | 'malware.eval-download'
  | 'malware.exfiltration'
  | 'malware.persistence'
  | 'malware.reverse-shell'
  | 'malware.install-script-network'
  | 'malware.shell-download';

const drops: Ingredient[] = ['drop-webhook', 'drop-site'];
const secrets: Ingredient[] = ['environment', 'credential-file'];
const shellConnection = /\/dev\/tcp\/|\bnc(?:at)?\s[^\n]{0,60}-e\s|\bmkfifo\b[^\n]{0,120}\bnc\b/;
const encodedPowershell = /powershell[^\n]{0,200}\s-e(?:nc|ncodedcommand)?\s+[A-Za-z0-9+/=]{40}/i;

/** Everything in a file that a rule may report: chains of a capability and a threat, never a single call. */
export function* pythonHits(facts: PythonFacts): Generator<PythonHit> {
  for (const call of facts.calls) {
    if (isCodeCall(call.name)) yield* codeHits(call, facts);
    else if (isProgramCall(call.name)) yield* programHits(call);
    else if (isNetworkCall(call.name)) yield* networkHits(call, facts);
    yield* fileHits(call, facts);
  }
  yield* downloadedPrograms(facts);
  yield* reverseShells(facts);
}

function* codeHits(call: PythonCall, facts: PythonFacts): Generator<PythonHit> {
  const [code] = call.positional;
  if (!code) return;
  const made = facts.ingredientsOf(code);
  const { start, runsAtImport } = call;
  if (made.has('network'))
    yield {
      rule: 'malware.eval-download',
      start,
      runsAtImport,
      isCertain: made.has('decoded') || made.has('raw-address'),
    };
  else if (made.has('decoded') || facts.textOf(code)?.decoded)
    yield { rule: 'malware.eval-decoded', start, runsAtImport };
}

function* programHits(call: PythonCall): Generator<PythonHit> {
  const { start, runsAtImport } = call;
  const text = call.text(0)?.text ?? '';
  const made = call.ingredients();
  if (made.has('download-pipe')) yield { rule: 'malware.shell-download', start, runsAtImport };
  if (encodedPowershell.test(text)) yield { rule: 'malware.encoded-powershell', start, runsAtImport };
  if (shellConnection.test(text))
    yield { rule: 'malware.reverse-shell', start, runsAtImport, isCertain: true };
  if (isPersistentCommand(text)) yield { rule: 'malware.persistence', start, runsAtImport };
  if (findWipe(text) !== null) yield { rule: 'malware.destructive', start, runsAtImport };
  if (/\bcurl\b|\bwget\b|Invoke-WebRequest|\bnslookup\b/i.test(text)) yield* leaks(call, made);
}

function* networkHits(call: PythonCall, facts: PythonFacts): Generator<PythonHit> {
  yield* leaks(call, call.ingredients());
  const destination = call.positional[0];
  const made = destination ? facts.ingredientsOf(destination) : new Set<Ingredient>();
  if (made.has('drop-webhook'))
    yield {
      rule: 'malware.exfiltration',
      title: 'Sends to a drop at a messenger, with its secret filled in',
      start: call.start,
      runsAtImport: call.runsAtImport,
    };
}

/** Secrets, or names of the machine, that leave it. */
function* leaks({ start, runsAtImport }: PythonCall, made: ReadonlySet<Ingredient>): Generator<PythonHit> {
  const toDrop = drops.some((kind) => made.has(kind)) || made.has('raw-address');
  const secret =
    secrets.find((kind) => made.has(kind)) ??
    (toDrop && made.has('credential-variable') ? 'credential-variable' : undefined);
  if (secret !== undefined) {
    const named =
      { environment: 'the whole environment', 'credential-file': 'a file of credentials' }[
        secret as 'environment'
      ] ?? 'a credential';
    yield {
      rule: 'malware.credential-theft',
      title: `Sends ${named} off`,
      start,
      runsAtImport,
      isCertain: toDrop,
    };
  } else if (made.has('host') && (toDrop || runsAtImport || made.has('public-inbox')))
    yield {
      rule: 'malware.exfiltration',
      title: 'Sends the name of the machine or its user off',
      start,
      runsAtImport,
      isCertain: toDrop && runsAtImport,
    };
  else if (made.has('clipboard') && toDrop)
    yield { rule: 'malware.exfiltration', title: 'Sends the clipboard off', start, runsAtImport };
}

/** Files that are written, and folders that are removed. */
function* fileHits(call: PythonCall, facts: PythonFacts): Generator<PythonHit> {
  const { start, runsAtImport, name } = call;
  if (!/open$|^(?:win|_win)reg\.|^shutil\.rmtree$|^(?:pathlib\.)?Path\(\)\./.test(name)) return;
  const path = call.text(0)?.text ?? '';
  const mode =
    call.text(1)?.text ??
    (call.keywords.has('mode') ? (facts.textOf(call.keywords.get('mode')!)?.text ?? '') : '');
  if (isReadCall(name) && /[wax+]/.test(mode)) {
    const place = persistentPlace(path);
    if (place !== null)
      yield {
        rule: 'malware.persistence',
        title: `Changes ${place}: ${path.slice(-60)}`,
        start,
        runsAtImport,
      };
    if (/site-packages[^\n]{0,80}\.pth$/.test(path))
      yield {
        rule: 'malware.persistence',
        title: 'Writes a file that the interpreter runs at each start',
        start,
        runsAtImport,
      };
  }
  if (/^(?:winreg|_winreg)\.(?:SetValueEx|OpenKey|CreateKeyEx?)$/.test(name)) {
    const keys = call.positional.map((one) => facts.textOf(one)?.text ?? '').join(' ');
    if (/CurrentVersion\\+Run\b/i.test(keys))
      yield { rule: 'malware.persistence', title: 'Has itself started with Windows', start, runsAtImport };
  }
  if (/^shutil\.rmtree$/.test(name) && /^(?:~|\/|…?\/?~|[A-Z]:\\?)$/.test(path))
    yield { rule: 'malware.destructive', start, runsAtImport };
}

/** A file that is fetched under a name, and a program that is started under it. */
function* downloadedPrograms(facts: PythonFacts): Generator<PythonHit> {
  const places = new Set<string>();
  for (const call of facts.calls) {
    const target = downloadTarget(call, facts);
    if (target !== null) places.add(target);
  }
  if (places.size === 0) return;
  for (const call of facts.calls) {
    if (!isProgramCall(call.name)) continue;
    const [first] = call.positional;
    if (!first) continue;
    const started = textOfNode(facts.source, first);
    const text = call.text(0)?.text ?? '';
    const found = [...places].find((place) => isNamedIn(place, started, text));
    if (found === undefined) continue;
    yield {
      rule: 'malware.download-execute',
      title: `Downloads a file and runs it: ${found.slice(0, 60)}`,
      start: call.start,
      runsAtImport: call.runsAtImport,
    };
    return;
  }
}

/** The path that fetched bytes are written to, as text or as the name of a variable; null for any other call. */
function downloadTarget(call: PythonCall, facts: PythonFacts): string | null {
  if (/(?:^|\.)urlretrieve$/.test(call.name) || call.name === 'wget.download')
    return placeOf(call.positional[1], facts);
  if (
    !/^(?:(?:builtins\.|io\.)?open\(\)|(?:pathlib\.)?Path\(\)(?:\.open\(\))?)\.write(?:_bytes|_text)?$/.test(
      call.name,
    )
  )
    return null;
  const [content] = call.positional;
  if (!content || !facts.ingredientsOf(content).has('network')) return null;
  const opened = facts.calls.filter(
    ({ name, start }) => /^(?:builtins\.|io\.)?open$|^(?:pathlib\.)?Path$/.test(name) && start <= call.start,
  );
  return placeOf(opened.at(-1)?.positional[0], facts);
}

function placeOf(node: PythonCall['positional'][number] | undefined, facts: PythonFacts): string | null {
  if (!node) return null;
  if (node.name === 'VariableName') return textOfNode(facts.source, node);
  const text = facts.textOf(node)?.text ?? '';
  return text.length > 2 ? text : null;
}

function isNamedIn(place: string, started: string, text: string): boolean {
  return /^\w+$/.test(place) ? new RegExp(`\\b${place}\\b`).test(started) : text.includes(place);
}

/** A connection that is put in place of a shell's input and output. */
function* reverseShells(facts: PythonFacts): Generator<PythonHit> {
  const connects = facts.calls.find(({ name }) =>
    /^socket\.(?:socket\(\)\.connect(?:_ex)?|create_connection)$/.test(name),
  );
  if (!connects) return;
  const puts = facts.calls.find(
    ({ name, node }) => name === 'os.dup2' && /\.fileno\(\)/.test(textOfNode(facts.source, node)),
  );
  const shell = facts.calls.find(
    (call) =>
      (isProgramCall(call.name) || call.name === 'pty.spawn') &&
      /(?:^|[/\\])(?:ba|z|da)?sh\b|cmd(?:\.exe)?$|powershell/.test(call.text(0)?.text ?? ''),
  );
  if (puts && shell)
    yield {
      rule: 'malware.reverse-shell',
      start: puts.start,
      runsAtImport: puts.runsAtImport,
      isCertain: true,
    };
}
