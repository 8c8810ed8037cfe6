import type { AnyNode } from 'acorn';
import { CallFact, elementsOf } from './call-fact.ts';
import type { Resolver } from './resolution.ts';
import type { Scope } from './scope.ts';
import { isFunction } from './scopes.ts';
import { someNode } from './walk.ts';

/** The calls that one written call stands for. */
interface Site {
  names: readonly string[];
  args: readonly AnyNode[];
  object: AnyNode | null;
}

/** Functions that are worth to be known when they are handed to another: `.then(eval)`. */
const givenFunction = /^(?:eval|Function|child_process\.\w+|vm\.\w+)$/;
const givenName = /^(?:eval|Function|constructor|exec\w*|spawn\w*|fork|run\w*|Script|compileFunction)$/;

/** The node around a call, and the one around that. */
export interface Around {
  parent: AnyNode | null;
  outer: AnyNode | null;
}

/** The calls that a call, `new`, `import` or tagged template makes, one for each name that its function may go by. */
export function callsOf(
  node: AnyNode,
  scope: Scope,
  { parent, outer }: Around,
  resolver: Resolver,
): CallFact[] {
  const found: CallFact[] = [];
  for (const { names, args, object } of sitesOf(node, scope, resolver)) {
    if (names.length === 0) continue;
    const place = { args, object, scope, resolver, isFiltered: isFiltered(parent, outer), made: null };
    for (const name of names) found.push(new CallFact(name, node.start, node.end, place));
  }
  return found;
}

function sitesOf(node: AnyNode, scope: Scope, resolver: Resolver): Site[] {
  if (node.type === 'ImportExpression' || node.type === 'ImportDeclaration')
    return [{ names: ['import'], args: [node.source], object: null }];
  if (node.type === 'TaggedTemplateExpression')
    return [{ names: resolver.names(node.tag, scope), args: [node.quasi], object: null }];
  const { callee, arguments: args } = node as { callee: AnyNode; arguments: AnyNode[] } & AnyNode;
  const object = callee.type === 'MemberExpression' ? (callee.object as AnyNode) : null;
  const names = resolver.names(callee, scope);
  const site: Site = { names, args, object };
  const sites = [site];
  if (names.some((name) => name.endsWith('.call'))) sites.push(unwrapped(site, '.call', args.slice(1)));
  if (names.some((name) => name.endsWith('.apply')))
    sites.push(unwrapped(site, '.apply', elementsOf(args[1])));
  if (names.includes('Reflect.apply') || names.includes('Reflect.construct')) {
    const list = names.includes('Reflect.apply') ? args[2] : args[1];
    sites.push({
      names: args[0] ? resolver.names(args[0], scope) : [],
      args: elementsOf(list),
      object: null,
    });
  }
  for (const argument of args) {
    if (!mayBeGiven(argument, scope)) continue;
    const given = resolver.names(argument, scope).filter((name) => givenFunction.test(name));
    if (given.length === 0) continue;
    const others = args.flatMap((other) => (other === argument ? [] : [other, ...elementsOf(other)]));
    sites.push({ names: given, args: others, object });
  }
  return sites;
}

function mayBeGiven(argument: AnyNode, scope: Scope): boolean {
  if (argument.type === 'MemberExpression')
    return (
      argument.computed || (argument.property.type === 'Identifier' && givenName.test(argument.property.name))
    );
  if (argument.type !== 'Identifier') return false;
  const binding = scope.lookup(argument.name);
  return binding?.kind === 'variable'
    ? binding.values.some(
        ({ node }) =>
          node.type === 'Identifier' || node.type === 'MemberExpression' || node.type === 'CallExpression',
      )
    : givenName.test(argument.name) || binding?.kind === 'import';
}

function unwrapped({ names, object }: Site, suffix: string, args: readonly AnyNode[]): Site {
  const called = names.flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
  return { names: called, args, object };
}

/** Whether its result is looked through for some names: `Object.keys(…).filter(…)`. */
function isFiltered(parent: AnyNode | null, outer: AnyNode | null): boolean {
  if (parent?.type !== 'MemberExpression' || parent.property.type !== 'Identifier') return false;
  if (['filter', 'find', 'some', 'includes'].includes(parent.property.name)) return true;
  if (parent.property.name !== 'reduce' || outer?.type !== 'CallExpression' || outer.callee !== parent)
    return false;
  const [callback] = outer.arguments;
  return callback !== undefined && isFunction(callback) && someNode(callback, isChoice);
}

const tests = new Set(['endsWith', 'has', 'includes', 'startsWith', 'test']);

/** `if (names.has(name))`. */
function isChoice(node: AnyNode): boolean {
  if (node.type !== 'IfStatement' && node.type !== 'ConditionalExpression') return false;
  const { test } = node;
  return (
    test.type === 'CallExpression' &&
    test.callee.type === 'MemberExpression' &&
    test.callee.property.type === 'Identifier' &&
    tests.has(test.callee.property.name)
  );
}
