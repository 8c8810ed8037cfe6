import type { AnyNode, Pattern } from 'acorn';
import { addParts, keyName, namesOfPattern, staticKey } from './patterns.ts';
import {
  addMember,
  addValue,
  own,
  partsMax,
  type Call,
  type Scope,
  type ScopedNodes,
  type Value,
} from './scope.ts';

/** What an assignment says of a name or a member. */
export function assign(target: Pattern, operator: string, value: Value, found: ScopedNodes): void {
  const isWhole = operator === '=' || operator === '||=' || operator === '??=';
  if (target.type === 'MemberExpression') {
    const key = staticKey(target);
    const members = key === null ? null : membersOf(target.object as AnyNode, value.scope, found);
    if (isWhole && members) addMember(members, key!, value);
    else if (target.object.type === 'Identifier') addParts(target.object, value, value.scope);
  }
  for (const { name, path } of namesOfPattern(target)) {
    const binding = value.scope.lookup(name);
    if (binding?.kind !== 'variable') continue;
    if (isWhole) addValue(binding.values, { ...value, path });
    else if (binding.parts.length < partsMax) binding.parts.push(value);
  }
}

/** `Object.assign(target, { a: value })`, and the definition of a bundle's exports: `define(target, { a: () => value })`. */
export function defineMembers(call: Call, scope: Scope): void {
  const [target, definitions] = call.arguments;
  if (target?.type !== 'Identifier' || definitions?.type !== 'ObjectExpression') return;
  const binding = scope.lookup(target.name);
  if (binding?.kind !== 'variable') return;
  const members = (binding.members ??= new Map());
  for (const property of definitions.properties) {
    if (property.type !== 'Property' || property.computed) continue;
    const { value } = property;
    const isGetter =
      value.type === 'ArrowFunctionExpression' && value.params.length === 0 && value.expression;
    addMember(members, keyName(property.key), own(isGetter ? value.body : value, scope));
  }
}

const adding = new Set(['push', 'unshift', 'append', 'set', 'add']);

/** `list.push(value)`. */
export function addToList({ callee, arguments: args }: Call, scope: Scope): void {
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return;
  if (!adding.has(staticKey(callee) ?? '')) return;
  for (const argument of args) addParts(callee.object, own(argument, scope), scope);
}

/** Where the members are kept that are assigned to a name, to `this`, or to a prototype. */
function membersOf(object: AnyNode, scope: Scope, found: ScopedNodes): Map<string, Value[]> | null {
  if (object.type === 'Identifier') {
    const binding = scope.lookup(object.name);
    if (binding?.kind !== 'variable') return null;
    // The object itself has them too, under whatever name it is handed on.
    const [value] = binding.values;
    const made = value?.path.length === 0 && value.node.type === 'ObjectExpression' ? value.node : null;
    return (binding.members ??= made ? membersOfNode(made, found) : new Map());
  }
  const isPrototype = object.type === 'MemberExpression' && staticKey(object) === 'prototype';
  const owner = isPrototype
    ? functionOf(object.object as AnyNode, scope)
    : object.type === 'ThisExpression'
      ? scope.self()
      : null;
  return owner && membersOfNode(owner, found);
}

function membersOfNode(node: AnyNode, found: ScopedNodes): Map<string, Value[]> {
  let members = found.members.get(node);
  if (!members) found.members.set(node, (members = new Map()));
  return members;
}

function functionOf(node: AnyNode, scope: Scope): AnyNode | null {
  const binding = node.type === 'Identifier' ? scope.lookup(node.name) : null;
  return binding?.kind === 'variable' ? (binding.values[0]?.node ?? null) : null;
}
