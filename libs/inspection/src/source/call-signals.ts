import type { AnyNode } from 'acorn';
import type { Signal, SignalKind } from './signal.ts';
import type { CallFact } from './source-facts.ts';

const dynamicCode =
  /^(?:eval|Function|vm\.(?:runInThisContext|runInNewContext|runInContext|Script|compileFunction)|(?:.*\.)?_compile|.*\.constructor\.constructor)$/;

/** Calls by the name that they resolve to, and their meaning. */
const meanings: [RegExp, SignalKind][] = [
  [
    /^(?:https?\.(?:request|get)|follow-redirects\.https?\.(?:request|get)|http2\.connect|fetch|navigator\.sendBeacon|XMLHttpRequest|WebSocket|EventSource|ws|net\.(?:connect|createConnection|Socket)|tls\.connect|dgram\.createSocket)$/,
    'network',
  ],
  [
    /^(?:axios|got|request|needle|superagent|undici|phin|bent|ky|node-fetch|cross-fetch|isomorphic-fetch|make-fetch-happen|request-promise(?:-native)?|centra|minipass-fetch|socket\.io-client)(?:\.[a-zA-Z]+)*$/,
    'network',
  ],
  [
    /^(?:child_process\.(?:exec|execSync|spawn|spawnSync|execFile|execFileSync|fork)|cross-spawn(?:\.\w+)*|execa(?:\.\w+)*|shelljs\.exec|sudo-prompt\.exec|Bun\.spawn|Deno\.(?:run|Command))$/,
    'spawn',
  ],
  [
    /^(?:fs|fs\.promises|fs\/promises|fs-extra|graceful-fs)\.(?:writeFile|writeFileSync|createWriteStream|appendFile|appendFileSync|outputFile|outputFileSync)$/,
    'write-file',
  ],
  [/^(?:fs|fs\.promises|fs\/promises|fs-extra|graceful-fs)\.(?:chmod|chmodSync)$/, 'chmod'],
  [dynamicCode, 'dynamic-code'],
  [
    /^(?:os\.(?:hostname|userInfo|networkInterfaces)|dns\.getServers|systeminformation(?:\.\w+)*|node-machine-id(?:\.\w+)*)$/,
    'host-info',
  ],
  [/^os\.homedir$/, 'home-folder'],
];
const networkMethods = /(?:^|\.)(?:get|post|put|request|fetch|open|send|connect)$/;
const lookups = /^dns(?:\.promises|\/promises)?(?:\.Resolver\(\))?\.(?:lookup|resolve\w*)$/;
const takesAll =
  /^(?:JSON\.stringify|Object\.(?:keys|entries|values|assign)|querystring\.stringify|qs\.stringify|util\.inspect|URLSearchParams|Buffer\.from)$/;

/** Whether a call of this name runs its argument as code. */
export function isDynamicCode(name: string): boolean {
  return dynamicCode.test(name);
}

/** Signals of one call. */
export function* callSignals(call: CallFact): Generator<Signal> {
  const at = (kind: SignalKind, detail = call.name): Signal => ({ kind, start: call.start, detail });
  const meaning = meanings.find(([pattern]) => pattern.test(call.name))?.[1];
  if (meaning) yield at(meaning, call.text(0)?.text.slice(0, 200) ?? call.name);
  else if (networkMethods.test(call.name) && /^(?:https?|wss?):\/\//.test(urlOf(call)))
    yield at('network', urlOf(call));
  if (call.name === 'process.binding' && /spawn|pipe|tcp/.test(call.text(0)?.text ?? '')) yield at('spawn');
  if (lookups.test(call.name) && call.text(0)?.exact === false) yield at('dns-built', call.text(0)!.text);
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

/** Methods such as `open(method, url)` have the address second. */
function urlOf(call: CallFact): string {
  const first = call.text(0)?.text ?? '';
  return /^[A-Z]+$/.test(first) ? (call.text(1)?.text ?? '') : first;
}

/** One variable of the environment is not all of it, and neither is a use inside of a function among the arguments. */
function isVariable(node: AnyNode, name: string | null): boolean {
  return name?.startsWith('process.env.') === true || node.type.includes('Function');
}

function isWholeEnvironment(node: AnyNode, name: string | null): boolean {
  return (node.type === 'MemberExpression' || node.type === 'Identifier') && name === 'process.env';
}
