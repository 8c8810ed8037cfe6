import type { AnyNode, ArrayExpression, Pattern } from 'acorn';
import { functionsIn } from './bundled-modules.ts';
import { keyOf, targetsOf } from './origins.ts';
import type { Resolver } from './resolution.ts';
import { addParts, bindPattern, keyName } from './patterns.ts';
import { own, scopeWithin, type Call, type Scope, type ScopedNodes } from './scope.ts';
import { isFunction } from './scopes.ts';

/** Calls that are looked at, and arguments that are given to parameters: a bundle has one table and many modules. */
const callsMax = 40_000;
const bindingsMax = 50_000;
/** What was resolved before is forgotten after so many: most parameters are only looked at once they have values. */
const freshAfter = 256;
/** Of asynchronous module definition. */
const definers = new Set(['define', 'require', 'requirejs']);

/**
 * Gives parameters the values of arguments: of functions that are called where they stand, of local functions, of the
 * functions in a bundle's table. What calls a function that it is given makes its parameters.
 * @param resolver a new one, which knows what was bound so far.
 */
export function bindArguments(program: ScopedNodes, resolver: () => Resolver): void {
  let bindings = 0;
  let bindingsKnown = 0;
  let current: Resolver | null = null;
  for (const { node, scope } of program.calls.slice(0, callsMax)) {
    const args = node.arguments as AnyNode[];
    for (const argument of args) {
      const callback = callbackOf(argument, scope);
      if (callback) bindCallback(callback, node, scope);
    }
    if (args.length === 0 || bindings >= bindingsMax || !mayBeLocal(node, scope)) continue;
    current ??= resolver();
    const site = siteOf(node, scope, current);
    if (site.targets.length === 0) continue;
    for (const target of site.targets) {
      const { params } = target as unknown as { params: Pattern[] };
      const inner = scopeWithin(target)!;
      for (const [index, argument] of site.args.entries()) {
        const parameter = params[index];
        if (!parameter) break;
        bindings += 1;
        if (argument.type !== 'SpreadElement') bindPattern(parameter, own(argument, scope), inner);
      }
    }
    if (bindings - bindingsKnown < freshAfter) continue;
    bindingsKnown = bindings;
    current = null;
  }
}

/** The first look, which costs nothing: most calls are of functions from elsewhere. */
function mayBeLocal({ callee }: Call, scope: Scope): boolean {
  let root = callee as AnyNode;
  while (root.type === 'MemberExpression') root = root.object as AnyNode;
  if (root.type === 'Identifier') {
    const binding = scope.lookup(root.name);
    return binding?.kind === 'variable' && (binding.values.length > 0 || binding.members !== null);
  }
  return (
    isFunction(root) ||
    root.type === 'ThisExpression' ||
    root.type === 'NewExpression' ||
    root.type === 'ParenthesizedExpression'
  );
}

/** The local functions that a call may run, and what they get; `f.call(self, a)` gives `a`. */
function siteOf(call: Call, scope: Scope, resolver: Resolver): { targets: AnyNode[]; args: AnyNode[] } {
  const callee = call.callee as AnyNode;
  const args = call.arguments as AnyNode[];
  if (callee.type === 'MemberExpression') {
    const object = callee.object as AnyNode;
    const method = keyOf(callee, scope, resolver);
    if (method === 'call') return { targets: functionsOf(object, scope, resolver), args: args.slice(1) };
    if (method === 'apply') {
      const list = args[1]?.type === 'ArrayExpression' ? args[1].elements : [];
      return { targets: functionsOf(object, scope, resolver), args: list as AnyNode[] };
    }
  }
  return { targets: functionsOf(callee, scope, resolver), args };
}

/** An unknown member of a table may be any function in it. */
function functionsOf(callee: AnyNode, scope: Scope, resolver: Resolver): AnyNode[] {
  let looked = callee;
  if (looked.type === 'MemberExpression' && looked.computed) {
    // browserify: `table[id][0]`.
    if (keyOf(looked, scope, resolver) === '0') looked = looked.object as AnyNode;
    if (looked.type === 'MemberExpression' && looked.computed && keyOf(looked, scope, resolver) === null) {
      return resolver
        .origins(looked.object as AnyNode, scope)
        .flatMap(({ node, path }) => (path.length === 0 ? functionsIn(node) : []));
    }
  }
  return callee.type === 'Identifier' || callee.type === 'MemberExpression' || isFunction(callee)
    ? targetsOf(callee, scope, resolver).concat(constructorsOf(callee, scope, resolver))
    : [];
}

/** `new A(x)` gives `x` to the constructor of the class. */
function constructorsOf(callee: AnyNode, scope: Scope, resolver: Resolver): AnyNode[] {
  return resolver.origins(callee, scope).flatMap(({ node, path }) => {
    if (path.length > 0 || (node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression')) return [];
    return node.body.body.flatMap((member) =>
      member.type === 'MethodDefinition' && member.kind === 'constructor' ? [member.value] : [],
    );
  });
}

function callbackOf(argument: AnyNode, scope: Scope): AnyNode | null {
  if (isFunction(argument)) return argument;
  const binding = argument.type === 'Identifier' ? scope.lookup(argument.name) : null;
  const value = binding?.kind === 'variable' ? binding.values[0] : undefined;
  return value && value.path.length === 0 && isFunction(value.node) ? value.node : null;
}

function bindCallback(callback: AnyNode, call: Call, scope: Scope): void {
  const inner = scopeWithin(callback)!;
  const { params } = callback as unknown as { params: Pattern[] };
  const [names] = call.arguments.filter((argument) => argument.type === 'ArrayExpression');
  if (call.callee.type === 'Identifier' && definers.has(call.callee.name) && names)
    bindModules(params, names, inner);
  const { callee } = call;
  if (callee.type === 'MemberExpression' && keyName(callee.property) === 'then' && params[0])
    bindPattern(params[0], own(callee.object as AnyNode, scope), inner);
  for (const parameter of params) addParts(parameter, own(call, scope), inner);
}

/** `define(['fs'], (fs) => …)`. */
function bindModules(params: Pattern[], { elements }: ArrayExpression, inner: Scope): void {
  for (const [index, parameter] of params.entries()) {
    const name = elements[index];
    if (parameter.type === 'Identifier' && name?.type === 'Literal')
      inner.declare(parameter.name, { kind: 'import', module: String(name.value), path: [] });
  }
}
