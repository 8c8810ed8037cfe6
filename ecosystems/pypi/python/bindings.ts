import { partsOf, textOfNode, type PythonSource, type SyntaxNode } from './syntax.ts';

/** The function around a node, by where it begins; -1 for the file itself. */
export type Scope = number;

/** Names of one file: what they were imported as, and the values that they are given. */
export interface Bindings {
  /** Full name by local name, `os.path` for `p` of `import os.path as p`. */
  imports: ReadonlyMap<string, string>;
  /** Modules of which everything was imported. */
  stars: readonly string[];
  values(name: string, scope: Scope): readonly SyntaxNode[];
  /** Functions of the file by name. */
  functions: ReadonlyMap<string, SyntaxNode>;
  /** Modules that the file imports from its own package: `.util`, `setup_helpers`. */
  modules: readonly string[];
}

/** More values of one name tell nothing new. */
const valuesMax = 12;

export function scopeOf(node: SyntaxNode): Scope {
  return functionAround(node)?.from ?? -1;
}

export function functionAround(node: SyntaxNode): SyntaxNode | null {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.name === 'FunctionDefinition' || parent.name === 'LambdaExpression') return parent;
  }
  return null;
}

export function readBindings(source: PythonSource, nodes: readonly SyntaxNode[]): Bindings {
  const imports = new Map<string, string>();
  const stars: string[] = [];
  const modules: string[] = [];
  const functions = new Map<string, SyntaxNode>();
  const values = new Map<string, SyntaxNode[]>();
  const bind = (name: string, scope: Scope, value: SyntaxNode | null) => {
    if (!value) return;
    const key = `${scope}:${name}`;
    const known = values.get(key) ?? [];
    if (known.length < valuesMax) values.set(key, [...known, value]);
  };
  for (const node of nodes) {
    if (node.name === 'ImportStatement') readImport(source, node, { imports, stars, modules });
    else if (node.name === 'FunctionDefinition') {
      const name = node.getChild('VariableName');
      if (name) functions.set(textOfNode(source, name), node);
    } else
      for (const [target, value] of assignmentsOf(node)) {
        for (const name of namesIn(target)) bind(textOfNode(source, name), scopeOf(node), value);
      }
  }
  for (const node of nodes) if (node.name === 'CallExpression') bindParameters(source, node, functions, bind);
  return {
    imports,
    stars,
    modules,
    functions,
    values: (name, scope) => [
      ...(values.get(`${scope}:${name}`) ?? []),
      ...(scope === -1 ? [] : (values.get(`-1:${name}`) ?? [])),
    ],
  };
}

function readImport(
  source: PythonSource,
  node: SyntaxNode,
  { imports, stars, modules }: { imports: Map<string, string>; stars: string[]; modules: string[] },
): void {
  const text = textOfNode(source, node).replaceAll(/\\\r?\n|#[^\n]*/g, ' ');
  const [, module, list = ''] = /^from\s*(\.*\s*[\w.]*)\s*import\s*\(?([^]*?)\)?\s*$/.exec(text) ?? [];
  if (module === undefined) {
    for (const part of text.replace(/^import\s+/, '').split(',')) {
      const [, name = '', alias] = /^\s*([\w.]+)(?:\s+as\s+(\w+))?\s*$/.exec(part) ?? [];
      if (name === '') continue;
      modules.push(name);
      if (alias) imports.set(alias, name);
      else imports.set(name.split('.')[0]!, name.split('.')[0]!);
    }
    return;
  }
  const from = module.replaceAll(/\s/g, '');
  modules.push(from);
  for (const part of list.split(',')) {
    if (part.trim() === '*') stars.push(from);
    const [, name = '', alias] = /^\s*(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(part) ?? [];
    if (name !== '') {
      imports.set(alias ?? name, `${from}.${name}`);
      modules.push(`${from}${from.endsWith('.') ? '' : '.'}${name}`);
    }
  }
}

/** Targets with their values: `a = b`, `a += b`, `(a := b)`, `with b as a`, `for a in b`. */
function assignmentsOf(node: SyntaxNode): [SyntaxNode, SyntaxNode | null][] {
  switch (node.name) {
    case 'AssignStatement':
    case 'UpdateStatement':
    case 'NamedExpression': {
      const value = node.lastChild;
      const targets = partsOf(node).filter((part) => part.name !== 'TypeDef' && part.from !== value?.from);
      return targets.map((target) => [target, value]);
    }
    case 'WithStatement': {
      const found: [SyntaxNode, SyntaxNode | null][] = [];
      for (let child = node.firstChild; child; child = child.nextSibling) {
        if (child.name === 'as' && child.nextSibling) found.push([child.nextSibling, child.prevSibling]);
      }
      return found;
    }
    case 'ForStatement':
    case 'ForExpression':
    case 'ArrayComprehensionExpression':
    case 'ComprehensionExpression':
    case 'DictionaryComprehensionExpression': {
      const found: [SyntaxNode, SyntaxNode | null][] = [];
      let targets: SyntaxNode[] | null = null;
      for (let child = node.firstChild; child; child = child.nextSibling) {
        if (child.name === 'for') targets = [];
        else if (child.name === 'in' && targets) {
          for (const target of targets) found.push([target, child.nextSibling]);
          targets = null;
        } else targets?.push(child);
      }
      return found;
    }
    default:
      return [];
  }
}

function namesIn(target: SyntaxNode): SyntaxNode[] {
  if (target.name === 'VariableName') return [target];
  return target.name === 'TupleExpression' ||
    target.name === 'ArrayExpression' ||
    target.name === 'ParenthesizedExpression'
    ? partsOf(target).flatMap(namesIn)
    : [];
}

/** A parameter has the values that calls of the function in the same file hand to it. */
function bindParameters(
  source: PythonSource,
  call: SyntaxNode,
  functions: ReadonlyMap<string, SyntaxNode>,
  bind: (name: string, scope: Scope, value: SyntaxNode | null) => void,
): void {
  const callee = call.firstChild;
  const named = callee?.name === 'MemberExpression' ? callee.lastChild : callee;
  if (!named) return;
  const definition = functions.get(textOfNode(source, named));
  const parameters = definition?.getChild('ParamList');
  const list = call.getChild('ArgList');
  if (!definition || !parameters || !list) return;
  const names = partsOf(parameters)
    .filter(({ name }) => name === 'VariableName')
    .map((parameter) => textOfNode(source, parameter));
  const own = names[0] === 'self' || names[0] === 'cls' ? names.slice(1) : names;
  for (const [at, argument] of partsOf(list).entries()) {
    const name = own[at];
    if (name !== undefined) bind(name, definition.from, argument);
  }
}
