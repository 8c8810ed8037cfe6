import type { AnyNode, CallExpression } from 'acorn';
import type { Resolver } from './resolution.ts';
import { scopeWithin, type Scope, type Value } from './scope.ts';
import { isFunction } from './scopes.ts';
import { someNode } from './walk.ts';

/**
 * The function that holds a bundled module, where a call gives that module's exports: `load(1)` where `load` runs
 * `table[id](…)` (webpack, browserify), or `load()` where `load` is `wrap(function (exports, module) {…})` (esbuild).
 */
export function moduleOfCall(call: CallExpression, scope: Scope, resolver: Resolver): AnyNode | null {
  const callee = call.callee as AnyNode;
  const [id] = call.arguments as AnyNode[];
  if (!id) return wrappedModule(callee, scope);
  for (const { node, path } of resolver.origins(callee, scope)) {
    const table = path.length === 0 && isFunction(node) ? tableOf(node, resolver) : null;
    const key = table && resolver.text(id, scope);
    const [module] = key?.exact ? resolver.member(table!, key.text) : [];
    const fn = module && module.path.length === 0 ? functionIn(module.node) : null;
    if (fn) return fn;
  }
  return null;
}

/** The module that a loader was made with; what the loader does itself does not matter. */
function wrappedModule(callee: AnyNode, scope: Scope): AnyNode | null {
  const binding = callee.type === 'Identifier' ? scope.lookup(callee.name) : null;
  for (const { node } of binding?.kind === 'variable' ? binding.values : []) {
    if (node.type !== 'CallExpression') continue;
    const wrapped = (node.arguments as AnyNode[]).map(functionIn).find((fn) => fn && isModule(fn));
    if (wrapped) return wrapped;
  }
  return null;
}

/** Values that a module function assigns to a member of its exports, or of its `module`. */
export function exportsOf(module: AnyNode | null, key: string): readonly Value[] {
  const scope = module && scopeWithin(module);
  if (!scope) return [];
  return (module as { params: AnyNode[] }).params.flatMap((parameter) => {
    const binding = parameter.type === 'Identifier' ? scope.lookup(parameter.name) : null;
    return binding?.kind === 'variable' ? (binding.members?.get(key) ?? []) : [];
  });
}

const tables = new WeakMap<Resolver, Map<AnyNode, Value | null>>();

/** The table of functions from which a function calls the one that its first parameter names; found once. */
function tableOf(fn: AnyNode, resolver: Resolver): Value | null {
  let known = tables.get(resolver);
  if (!known) tables.set(resolver, (known = new Map()));
  let table = known.get(fn);
  if (table === undefined) known.set(fn, (table = findTable(fn, resolver)));
  return table;
}

function findTable(fn: AnyNode, resolver: Resolver): Value | null {
  const [parameter] = (fn as { params: AnyNode[] }).params;
  const scope = scopeWithin(fn);
  if (parameter?.type !== 'Identifier' || !scope) return null;
  let table: AnyNode | null = null;
  const isLookup = (node: AnyNode): boolean => {
    const isFound =
      node.type === 'MemberExpression' &&
      node.computed &&
      node.object.type === 'Identifier' &&
      node.property.type === 'Identifier' &&
      node.property.name === parameter.name;
    if (isFound) table = node.object as AnyNode;
    return isFound;
  };
  const isCalled = (node: AnyNode) =>
    node.type === 'CallExpression' && someNode(node.callee as AnyNode, isLookup);
  if (!someNode((fn as { body: AnyNode }).body, isCalled)) return null;
  const origin = resolver.origins(table!, scope).find(({ node, path }) => path.length === 0 && isTable(node));
  return origin ?? null;
}

/** Whether an object or array holds functions; browserify has each in a list with its names. */
export function isTable(node: AnyNode): boolean {
  return functionsIn(node).length > 0;
}

/** The functions of a table. */
export function functionsIn(node: AnyNode): AnyNode[] {
  const elements =
    node.type === 'ObjectExpression'
      ? node.properties.map((property) => (property.type === 'Property' ? property.value : null))
      : node.type === 'ArrayExpression'
        ? node.elements
        : [];
  return elements.flatMap((element) => (element && functionIn(element as AnyNode)) ?? []);
}

function functionIn(node: AnyNode): AnyNode | null {
  if (isFunction(node)) return node;
  if (node.type === 'ArrayExpression') {
    const [first] = node.elements;
    return first && isFunction(first) ? first : null;
  }
  const [only] = node.type === 'ObjectExpression' && node.properties.length === 1 ? node.properties : [];
  return only?.type === 'Property' && isFunction(only.value) ? only.value : null;
}

/** Modules have parameters, to which they assign what they export. */
function isModule(fn: AnyNode): boolean {
  const scope = scopeWithin(fn);
  return (fn as { params: AnyNode[] }).params.some((parameter) => {
    const binding = parameter.type === 'Identifier' ? scope?.lookup(parameter.name) : null;
    return binding?.kind === 'variable' && binding.members !== null;
  });
}
