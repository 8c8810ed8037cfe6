import type { AnyNode } from 'acorn';
import { isLookup, isSending, meaningOf } from './call-meanings.ts';
import { capturesInput, listsEnvironment, secretIn } from './data-sources.ts';
import { keyName } from './patterns.ts';
import type { Signal, SignalKind } from './signal.ts';
import type { CallFact } from './call-fact.ts';

const networkMethods = /(?:^|\.)(?:get|post|put|request|fetch|open|send|connect)$/;
const networkCommand =
  /(?:^|[\s;&|(`"'\\/])(?:curl|wget|nc|ncat|scp|rsync|ftp|tftp|Invoke-WebRequest|iwr|Invoke-RestMethod|irm|certutil|bitsadmin|git\s+push)(?:\.exe)?\s/i;
const lookupCommand = /(?:^|[\s;&|(`"'\\/])(?:nslookup|dig|host|ping|Resolve-DnsName)(?:\.exe)?\s/i;
const takesAll =
  /^(?:JSON\.stringify|Object\.(?:keys|entries|values|assign)|structuredClone|querystring\.stringify|qs\.stringify|util\.inspect|v8\.serialize|URLSearchParams|Buffer\.from)$/;
const detailLengthMax = 200;

/** Signals of one call. */
export function* callSignals(call: CallFact): Generator<Signal> {
  const at = (kind: SignalKind, detail = call.name): Signal => ({ kind, start: call.start, detail });
  const meaning = meaningOf(call.name);
  if (meaning === 'spawn') {
    const command = call.command();
    yield at('spawn', command.slice(0, detailLengthMax) || call.name);
    // The end of the text counts as the end of a word.
    if (networkCommand.test(`${command} `)) yield at('network', command.slice(0, detailLengthMax));
    if (lookupCommand.test(command) && command.includes('…')) yield at('dns-built', command);
    if (listsEnvironment(command)) yield at('env-sweep', command);
  } else if (meaning) yield at(meaning, call.text(0)?.text.slice(0, detailLengthMax) ?? call.name);
  else if (/^\?.*\.(?:request|get)$/.test(call.name) && call.someArgument(isAddress, isVariable))
    yield at('network');
  else if (networkMethods.test(call.name) && /^(?:https?|wss?):\/\//.test(urlOf(call)))
    yield at('network', urlOf(call));
  if (call.name === 'process.binding' && /spawn|pipe|tcp/.test(call.text(0)?.text ?? '')) yield at('spawn');
  if (isLookup(call.name) && call.text(0)?.exact === false) yield at('dns-built', call.text(0)!.text);
  if (capturesInput(call.name)) yield at('input-capture');
  const sends =
    isSending(call.name) ||
    isLookup(call.name) ||
    (meaning === 'spawn' && networkCommand.test(call.command()));
  const secret = sends ? secretIn(call.madeOf()) : null;
  if (secret !== null) yield at('sends-secret', secret);
  if (
    (meaning === 'network' || takesAll.test(call.name)) &&
    call.someArgument(isWholeEnvironment, isVariable)
  ) {
    // Object.assign({}, process.env) is how every program passes its environment on to a child.
    if (call.name !== 'Object.assign') {
      // Options such as DEBUG_* are found by going through the names and keeping a few.
      yield at(call.isFiltered ? 'env-search' : 'env-sweep', `${call.name}(process.env)`);
    }
  }
}

/**
 * Data that goes from one file of the package to another: their own signals say what it is.
 * @param readsSecrets whether the file has any; following what each call is made of costs most of the time of bundles.
 */
export function* moduleSignals(call: CallFact, readsSecrets: boolean): Generator<Signal> {
  const target = localModule(call.name);
  const sends = isSending(call.name);
  if (!target && !sends) return;
  if (target && readsSecrets && secretIn(call.madeOf()) !== null)
    yield { kind: 'gives-secret', start: call.start, detail: target };
  for (const source of sends ? localModules(call.madeOf().names) : modulesInArguments(call)) {
    if (source !== target)
      yield { kind: 'passes-on', start: call.start, detail: `${source} ${target ?? ''}`.trim() };
  }
}

function modulesInArguments(call: CallFact): Set<string> {
  const found: string[] = [];
  const note = (_node: AnyNode, name: string | null) => {
    if (name) found.push(name);
    return false;
  };
  call.someArgument(note, ({ type }) => type.includes('Function'));
  return localModules(found);
}

function localModules(names: Iterable<string>): Set<string> {
  return new Set([...names].flatMap((name) => localModule(name) ?? []));
}

/** The file that a name comes from: `./a` of `./a.read()`. */
function localModule(name: string): string | null {
  return /^\.{1,2}\/[^()\s]*/.exec(name)?.[0] ?? null;
}

/** Methods such as `open(method, url)` have the address second. */
function urlOf(call: CallFact): string {
  const first = call.text(0)?.text ?? '';
  return /^[A-Z]+$/.test(first) ? (call.text(1)?.text ?? '') : first;
}

/** One variable of the environment is not all of it, and neither is a use inside of a function among the arguments. */
function isVariable(node: AnyNode, name: string | null): boolean {
  return name?.startsWith('process.env.') === true || node.type.includes('Function');
}

/** Options of a request name the host. */
function isAddress(node: AnyNode): boolean {
  return node.type === 'Property' && /^(?:host|hostname)$/.test(keyName(node.key));
}

function isWholeEnvironment(node: AnyNode, name: string | null): boolean {
  return (node.type === 'MemberExpression' || node.type === 'Identifier') && name === 'process.env';
}
