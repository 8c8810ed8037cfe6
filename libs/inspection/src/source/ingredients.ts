import type { AnyNode } from 'acorn';
import type { Resolver } from './resolution.ts';
import { keyName } from './patterns.ts';
import { own, scopeWithin, type Call, type Scope, type Value } from './scope.ts';
import { isFunction } from './scopes.ts';
import { pushChildren } from './walk.ts';

/** What the value of an expression is made of, as far as the program shows. */
export interface Ingredients {
  /** Names of what is read, and of what is called, with `()` at their end. */
  names: Set<string>;
  texts: Set<string>;
}

/** Nodes that are looked at for one value, and for all of a program. */
const nodesMax = 400;
const programNodesMax = 150_000;
const visitedNodes = new WeakMap<Resolver, number>();
const textsMax = 2_000;
const textLengthMax = 2_000;

const handedOver = /^(?:atob|unescape|decodeURIComponent|String\.fromCharCode|fetch)$/;
/** Options that say how something is sent, and not what. */
const transport = /^(?:https?Agent|agent|dispatcher|proxy|signal|env|lookup)$/;

/** The program's nodes by the way they are met: the result of a call that takes a callback does not follow from the callback. */
interface Visit extends Value {
  isOrigin: boolean;
}

/** Follows the parts of expressions through names, members, local functions, and the arguments of callbacks. */
export function ingredientsOf(values: readonly Value[], resolver: Resolver): Ingredients {
  const found: Ingredients = { names: new Set(), texts: new Set() };
  const seen = new Set<AnyNode>();
  const waiting: Visit[] = values.map((value) => ({ ...value, isOrigin: false }));
  const before = visitedNodes.get(resolver) ?? 0;
  // First come, first served: what is near says most.
  let visited = 0;
  for (; visited < Math.min(waiting.length, nodesMax, programNodesMax - before); visited += 1) {
    const visit = waiting[visited]!;
    if (seen.has(visit.node)) continue;
    seen.add(visit.node);
    for (const visible of next(visit, found, resolver)) waiting.push(visible);
  }
  visitedNodes.set(resolver, before + visited);
  return found;
}

function next(visit: Visit, found: Ingredients, resolver: Resolver): Visit[] {
  const { node, scope, isOrigin } = visit;
  const below = (nodes: readonly AnyNode[], inner = scope) =>
    nodes.map((child): Visit => ({ ...own(child, inner), isOrigin: false }));
  switch (node.type) {
    case 'Identifier': {
      const names = resolver.names(node, scope);
      for (const name of names) found.names.add(name);
      if (isVariable(names)) return [];
      const binding = scope.lookup(node.name);
      if (binding?.kind !== 'variable') return [];
      const members = [...(binding.members?.values() ?? [])].flat();
      return [
        ...[...binding.values, ...members, ...notPlain(binding.more ?? [], found)].map((value) => ({
          ...value,
          isOrigin: false,
        })),
        ...binding.parts.map((value) => ({ ...value, isOrigin: true })),
      ];
    }
    case 'MemberExpression': {
      const names = resolver.names(node, scope);
      for (const name of names) found.names.add(name);
      // Which variable it is may follow from a loop over all of them.
      if (isVariable(names)) return node.computed ? below([node.property as AnyNode]) : [];
      const origins = resolver
        .origins(node, scope)
        .filter((origin) => origin.node !== node && origin.path.length === 0);
      const parts = [node.object as AnyNode, ...(node.computed ? [node.property as AnyNode] : [])];
      return [...origins.map((origin) => ({ ...origin, isOrigin: false })), ...below(parts)];
    }
    case 'CallExpression':
    case 'NewExpression':
      return nextOfCall(node, scope, isOrigin, found, resolver);
    case 'Literal':
      if (typeof node.value === 'string') addText(node.value, found);
      return [];
    case 'TemplateLiteral':
      addText(resolver.text(node, scope)?.text, found);
      return below(node.expressions);
    case 'BinaryExpression':
      if (node.operator === '^') found.names.add('^');
      else if (node.operator === '+') addText(resolver.text(node, scope)?.text, found);
      return below([node.left as AnyNode, node.right]);
    case 'Property':
      if (transport.test(keyName(node.key))) return [];
      return below(node.computed ? [node.key, node.value] : [node.value]);
    default:
      return below(childrenOf(node), scopeWithin(node) ?? scope);
  }
}

function nextOfCall(
  node: Call,
  scope: Scope,
  isOrigin: boolean,
  found: Ingredients,
  resolver: Resolver,
): Visit[] {
  const callee = node.callee as AnyNode;
  const args = node.arguments as AnyNode[];
  const called = resolver.names(callee, scope);
  for (const name of called) found.names.add(`${name}()`);
  // What a WebAssembly module computes is not the module.
  if (called.some((name) => name.startsWith('WebAssembly.'))) return [];
  for (const name of resolver.names(node, scope)) found.names.add(name);
  addText(resolver.text(node, scope)?.text, found);
  const encoding = args[1] && resolver.text(args[1], scope)?.text;
  if ((encoding === 'base64' || encoding === 'hex') && /\bfrom$|Buffer$|update$/.test(called[0] ?? ''))
    found.names.add(`decoded(${encoding})`);
  // A function that is handed over is called: `.then(atob)`.
  for (const argument of args) {
    if (argument.type !== 'Identifier' && argument.type !== 'MemberExpression') continue;
    for (const name of resolver.names(argument, scope))
      if (handedOver.test(name)) found.names.add(`${name}()`);
  }
  const targets = resolver
    .origins(callee, scope)
    .filter((origin) => origin.path.length === 0 && isFunction(origin.node));
  return [
    ...targets.map((origin) => ({ ...origin, isOrigin: false })),
    ...args.flatMap((argument) =>
      isOrigin && isFunction(argument) ? [] : [{ ...own(argument, scope), isOrigin: false }],
    ),
    ...(callee.type === 'MemberExpression'
      ? [{ ...own(callee.object as AnyNode, scope), isOrigin: false }]
      : []),
  ];
}

/** Arguments that are no plain texts; those are taken at once, so that hundreds of them take the place of nothing. */
function notPlain(values: readonly Value[], found: Ingredients): readonly Value[] {
  return values.filter(({ node }) => {
    if (node.type !== 'Literal') return true;
    if (typeof node.value === 'string') addText(node.value, found);
    return false;
  });
}

/** One variable of the environment is not all of it. */
function isVariable(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('process.env.'));
}

function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  pushChildren(node, children);
  return children;
}

function addText(text: string | undefined, { texts }: Ingredients): void {
  const part = text?.slice(0, textLengthMax);
  if (part !== undefined && texts.size < textsMax) texts.add(part);
}
