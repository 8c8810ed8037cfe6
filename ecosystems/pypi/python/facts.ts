import {
  credentialPath,
  isCredentialVariable,
  textSignals,
  type SignalKind,
} from '@sluice/inspection/inspect';
import { functionAround, readBindings, scopeOf, type Bindings } from './bindings.ts';
import { isFetched, isHostCall, isNetworkCall } from './calls.ts';
import { decoders, keyOf, Resolver, type FoldedText } from './resolver.ts';
import {
  argumentsOf,
  memberOf,
  parsePython,
  partsOf,
  subscriptOf,
  textOfNode,
  type PythonSource,
  type SyntaxNode,
} from './syntax.ts';

/** Substances of an expression: where its value comes from. */
export type Ingredient =
  | 'network'
  | 'decoded'
  | 'environment'
  | 'credential-file'
  | 'credential-variable'
  | 'host'
  | 'clipboard'
  | Extract<
      SignalKind,
      'drop-webhook' | 'drop-site' | 'public-inbox' | 'raw-address' | 'metadata-address' | 'download-pipe'
    >;

export interface PythonCall {
  name: string;
  node: SyntaxNode;
  start: number;
  /** Whether it runs when the file is imported or run, without a call from elsewhere. */
  runsAtImport: boolean;
  positional: readonly SyntaxNode[];
  keywords: ReadonlyMap<string, SyntaxNode>;
  /** The text of an argument; a list of them is joined by blanks. */
  text(index: number): FoldedText | null;
  /** The sources of its arguments and its object. */
  ingredients(): ReadonlySet<Ingredient>;
}

/** The behaviour of one file. */
export interface PythonFacts {
  source: PythonSource;
  bindings: Bindings;
  calls: PythonCall[];
  ingredientsOf(node: SyntaxNode): ReadonlySet<Ingredient>;
  textOf(node: SyntaxNode): FoldedText | null;
}

/** A file with more is generated, and the rest tells nothing new. */
const nodesMax = 400_000;
const callsMax = 20_000;
/** Nodes that one expression is followed through. */
const followedMax = 600;
const textKinds = new Set<string>([
  'drop-webhook',
  'drop-site',
  'public-inbox',
  'raw-address',
  'metadata-address',
  'download-pipe',
]);

export function readPythonFacts(text: string): PythonFacts {
  const source = parsePython(text);
  const nodes = allNodes(source.root);
  const bindings = readBindings(source, nodes);
  const resolver = new Resolver(source, bindings);
  const reader = new IngredientReader(source, bindings, resolver);
  const isAtImport = importReach(source, nodes, bindings);
  const calls: PythonCall[] = [];
  for (const node of nodes) {
    if (node.name !== 'CallExpression' || calls.length >= callsMax) continue;
    const name = node.firstChild ? resolver.name(node.firstChild) : null;
    if (name === null) continue;
    const { positional, keywords } = argumentsOf(source, node);
    calls.push({
      name,
      node,
      start: node.from,
      runsAtImport: isAtImport(node),
      positional,
      keywords,
      text: (index) => (positional[index] ? wordsOf(positional[index], resolver) : null),
      ingredients: () => reader.read(node),
    });
  }
  return {
    source,
    bindings,
    calls,
    ingredientsOf: (node) => reader.read(node),
    textOf: (node) => wordsOf(node, resolver),
  };
}

function allNodes(root: SyntaxNode): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  const cursor = root.cursor();
  do {
    if (/^[A-Z]/.test(cursor.name)) nodes.push(cursor.node);
  } while (nodes.length < nodesMax && cursor.next());
  return nodes;
}

/** The words of a command: `['curl', url]` as `curl <url>`. */
function wordsOf(node: SyntaxNode, resolver: Resolver): FoldedText | null {
  if (node.name !== 'ArrayExpression' && node.name !== 'TupleExpression') return resolver.text(node);
  const words = partsOf(node)
    .slice(0, 200)
    .map((part) => resolver.text(part));
  return {
    text: words.map((word) => word?.text ?? '…').join(' '),
    decoded: words.some((word) => word?.decoded),
  };
}

/** Code outside of functions runs at import, and functions that it calls by name. */
function importReach(
  source: PythonSource,
  nodes: readonly SyntaxNode[],
  bindings: Bindings,
): (node: SyntaxNode) => boolean {
  const reached = new Set<number>();
  const called = new Map<number, string[]>();
  for (const node of nodes) {
    if (node.name !== 'CallExpression' || node.firstChild?.name !== 'VariableName') continue;
    const scope = scopeOf(node);
    called.set(scope, [...(called.get(scope) ?? []), textOfNode(source, node.firstChild)].slice(0, 500));
  }
  const waiting = [-1];
  for (let scope = waiting.pop(); scope !== undefined; scope = waiting.pop()) {
    for (const name of called.get(scope) ?? []) {
      const definition = bindings.functions.get(name);
      if (!definition || reached.has(definition.from)) continue;
      reached.add(definition.from);
      waiting.push(definition.from);
    }
  }
  return (node) => {
    const around = functionAround(node);
    if (isUnderMainGuard(source, node)) return false;
    return around === null || reached.has(around.from);
  };
}

/** `if __name__ == '__main__':` is skipped at import. */
function isUnderMainGuard(source: PythonSource, node: SyntaxNode): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (
      parent.name === 'IfStatement' &&
      /^if\s+__name__\s*==/.test(source.text.slice(parent.from, parent.from + 40))
    )
      return true;
  }
  return false;
}

/** Follows an expression through variables and calls to where its value comes from. */
class IngredientReader {
  readonly #source: PythonSource;
  readonly #bindings: Bindings;
  readonly #resolver: Resolver;
  readonly #known = new Map<number, Set<Ingredient>>();

  constructor(source: PythonSource, bindings: Bindings, resolver: Resolver) {
    this.#source = source;
    this.#bindings = bindings;
    this.#resolver = resolver;
  }

  read(start: SyntaxNode): ReadonlySet<Ingredient> {
    const known = this.#known.get(keyOf(start));
    if (known) return known;
    const found = new Set<Ingredient>();
    this.#known.set(keyOf(start), found);
    const seen = new Set<number>();
    const waiting: SyntaxNode[] = [start];
    for (let node = waiting.pop(); node && seen.size < followedMax; node = waiting.pop()) {
      const key = keyOf(node);
      if (seen.has(key)) continue;
      seen.add(key);
      this.#add(node, found);
      if (node.name === 'VariableName')
        waiting.push(...this.#bindings.values(textOfNode(this.#source, node), scopeOf(node)));
      // A function that is called gives what it returns.
      if (node.name === 'CallExpression' && node.firstChild?.name === 'VariableName') {
        const definition = this.#bindings.functions.get(textOfNode(this.#source, node.firstChild));
        if (definition) waiting.push(...returnsOf(definition));
      }
      if (node.name !== 'FunctionDefinition' && node.name !== 'LambdaExpression')
        waiting.push(...partsOf(node));
    }
    return found;
  }

  #add(node: SyntaxNode, found: Set<Ingredient>): void {
    if (node.name === 'CallExpression') {
      const name = node.firstChild ? (this.#resolver.name(node.firstChild) ?? '') : '';
      if (isFetched(name) || isNetworkCall(name)) found.add('network');
      if (decoders.test(name)) found.add('decoded');
      if (isHostCall(name)) found.add('host');
      if (/^(?:pyperclip\.paste|win32clipboard\.GetClipboardData|clipboard\.paste)$/.test(name))
        found.add('clipboard');
      const variable = /^os\.(?:getenv|environ\.get|environ\.pop)$/.test(name)
        ? argumentsOf(this.#source, node).positional[0]
        : undefined;
      if (variable && isCredentialVariable(this.#resolver.text(variable)?.text ?? ''))
        found.add('credential-variable');
    }
    if (node.name === 'MemberExpression' || node.name === 'VariableName') this.#addEnvironment(node, found);
    if (/String$|^BinaryExpression$|^CallExpression$/.test(node.name)) this.#addText(node, found);
  }

  /** The whole environment, and not one variable of it. */
  #addEnvironment(node: SyntaxNode, found: Set<Ingredient>): void {
    const subscript = subscriptOf(node);
    if (subscript) {
      const name = this.#resolver.name(subscript.object);
      const key = subscript.index[0] ? this.#resolver.text(subscript.index[0])?.text : undefined;
      if (name === 'os.environ' && key !== undefined && isCredentialVariable(key))
        found.add('credential-variable');
      return;
    }
    if (this.#resolver.name(node) !== 'os.environ') return;
    const parent = node.parent;
    const isPart = parent?.name === 'MemberExpression' && parent.firstChild?.from === node.from;
    const taken = isPart ? (memberOf(this.#source, parent)?.property ?? '[]') : null;
    if (taken === null || /^(?:items|copy|values|__repr__|__str__)$/.test(taken)) found.add('environment');
  }

  #addText(node: SyntaxNode, found: Set<Ingredient>): void {
    const text = this.#resolver.text(node);
    if (!text || text.text.length > 20_000) return;
    if (credentialPath(text.text) !== null) found.add('credential-file');
    for (const { kind } of textSignals(text.text, 0)) if (textKinds.has(kind)) found.add(kind as Ingredient);
  }
}

function returnsOf(definition: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const cursor = definition.cursor();
  for (let steps = 0; steps < 3_000 && cursor.next() && cursor.from < definition.to; steps += 1) {
    if (cursor.name === 'ReturnStatement' || cursor.name === 'YieldStatement') found.push(cursor.node);
  }
  return found.slice(0, 20);
}
