import type { AnyNode, CallExpression, MemberExpression, ObjectExpression } from 'acorn';
import { exportsOf, moduleOfCall } from './bundled-modules.ts';
import type { Resolver } from './resolution.ts';
import { keyName } from './patterns.ts';
import { own, scopeWithin, type Call, type Scope, type Value } from './scope.ts';
import { isFunction } from './scopes.ts';

/** A value that is chosen from more than these is as good as unknown. */
const originsMax = 6;
/** Functions that give back what they are given, or wrap it: what compilers put around imports, and harmless ones of the language. */
const passing =
  /^(?:_*interop\w*|__import(?:Default|Star)|__toESM|tslib(?:\.\w+)?|_*toConsumable\w*|Object\.(?:freeze|seal|create|assign)|Promise\.(?:resolve|all|race|any)|Proxy|(?:.*\.)?promisify)$/;

/** Expressions that give what another expression gives. */
const wrappers: Partial<Record<AnyNode['type'], string[]>> = {
  AssignmentExpression: ['right'],
  AwaitExpression: ['argument'],
  ChainExpression: ['expression'],
  ConditionalExpression: ['consequent', 'alternate'],
  LogicalExpression: ['left', 'right'],
  ParenthesizedExpression: ['expression'],
};

/** See `Resolver.origins`. */
export function originsOf(node: AnyNode, scope: Scope, resolver: Resolver): readonly Value[] {
  const found = follow(node, scope, resolver);
  return found.length === 0 ? [own(node, scope)] : distinct(found);
}

function follow(node: AnyNode, scope: Scope, resolver: Resolver): readonly Value[] {
  const fields = wrappers[node.type];
  if (fields) {
    return fields.flatMap((field) =>
      resolver.origins((node as unknown as Record<string, AnyNode>)[field]!, scope),
    );
  }
  switch (node.type) {
    case 'Identifier': {
      const binding = scope.lookup(node.name);
      return binding?.kind === 'variable' ? binding.values.flatMap((value) => reach(value, resolver)) : [];
    }
    case 'SequenceExpression':
      return resolver.origins(node.expressions.at(-1)!, scope);
    case 'MemberExpression':
      return followMember(node, scope, resolver);
    case 'CallExpression':
    case 'NewExpression':
      return followCall(node, scope, resolver);
    default:
      return [];
  }
}

/** The value at the end of the path. */
function reach({ node, path, scope }: Value, resolver: Resolver): readonly Value[] {
  let found = resolver.origins(node, scope);
  for (const key of path) found = found.flatMap((value) => resolver.member(value, key));
  return found;
}

function followMember(node: MemberExpression, scope: Scope, resolver: Resolver): readonly Value[] {
  const key = keyOf(node, scope, resolver) ?? '?';
  const object = node.object as AnyNode;
  const binding = object.type === 'Identifier' ? scope.lookup(object.name) : null;
  const assigned = binding?.kind === 'variable' ? (binding.members?.get(key) ?? []) : [];
  if (assigned.length > 0) return assigned.flatMap((value) => reach(value, resolver));
  return resolver.origins(object, scope).flatMap((value) => resolver.member(value, key));
}

/** The key of a member, through constants; null when it is unknown. */
export function keyOf(node: MemberExpression, scope: Scope, resolver: Resolver): string | null {
  if (!node.computed) return keyName(node.property as AnyNode);
  const text = resolver.text(node.property as AnyNode, scope);
  return text?.exact ? text.text : null;
}

/** See `Resolver.member`. */
export function memberOf(value: Value, key: string, resolver: Resolver): readonly Value[] {
  const found = findMember(value, key, resolver);
  return found.length === 0 ? [{ ...value, path: [...value.path, key] }] : distinct(found);
}

function findMember({ node, scope }: Value, key: string, resolver: Resolver): readonly Value[] {
  switch (node.type) {
    case 'ObjectExpression':
      return memberOfSelf(node, scope, key, resolver);
    case 'ArrayExpression': {
      const element = node.elements[Number(key)];
      return element ? resolver.origins(element as AnyNode, scope) : [];
    }
    case 'ThisExpression': {
      const self = scope.self();
      return self ? memberOfSelf(self, scope, key, resolver) : [];
    }
    case 'NewExpression':
      return resolver
        .origins(node.callee as AnyNode, scope)
        .flatMap((made) =>
          made.path.length === 0 ? memberOfSelf(made.node, made.scope, key, resolver) : [],
        );
    case 'ClassDeclaration':
    case 'ClassExpression':
      return memberOfSelf(node, scope, key, resolver);
    case 'CallExpression':
      return exportsOf(moduleOfCall(node, scope, resolver), key).flatMap((found) => reach(found, resolver));
    default:
      return isFunction(node)
        ? (resolver.program.members.get(node)?.get(key) ?? []).flatMap((found) => reach(found, resolver))
        : [];
  }
}

/** A member of the objects of a class or function, or of a literal whose methods say `this`. */
function memberOfSelf(self: AnyNode, scope: Scope, key: string, resolver: Resolver): readonly Value[] {
  const assigned = resolver.program.members.get(self)?.get(key) ?? [];
  if (assigned.length > 0) return assigned.flatMap((value) => reach(value, resolver));
  if (self.type === 'ObjectExpression') return propertyOf(self, scope, key, resolver);
  if (self.type !== 'ClassDeclaration' && self.type !== 'ClassExpression') return [];
  for (const member of self.body.body) {
    if (member.type === 'StaticBlock' || member.computed || keyName(member.key as AnyNode) !== key) continue;
    const kind = member.type === 'MethodDefinition' ? member.kind : 'init';
    const inner = scopeWithin(member) ?? scope;
    return member.value ? valueOf(kind, member.value, inner, resolver) : [];
  }
  const parent = self.superClass ? resolver.origins(self.superClass, scope)[0] : undefined;
  return parent && parent.path.length === 0 && parent.node !== self
    ? resolver.member(parent, key).filter(({ path }) => path.length === 0)
    : [];
}

function propertyOf(
  object: ObjectExpression,
  scope: Scope,
  key: string,
  resolver: Resolver,
): readonly Value[] {
  const found = object.properties.findLast(
    (property) => property.type === 'Property' && !property.computed && keyName(property.key) === key,
  );
  if (found?.type === 'Property') return valueOf(found.kind, found.value, scope, resolver);
  return object.properties.flatMap((property) =>
    property.type === 'SpreadElement'
      ? resolver.origins(property.argument, scope).flatMap((value) => resolver.member(value, key))
      : [],
  );
}

function valueOf(kind: string, value: AnyNode, scope: Scope, resolver: Resolver): readonly Value[] {
  return kind === 'get' ? returnsOf(value, resolver) : resolver.origins(value, scope);
}

function followCall(call: Call, scope: Scope, resolver: Resolver): readonly Value[] {
  const callee = call.callee as AnyNode;
  const [first, second] = call.arguments as AnyNode[];
  const names = resolver.names(callee, scope);
  if (first && names.some((name) => passing.test(name))) return resolver.origins(first, scope);
  if (call.type === 'NewExpression') return [];
  if (callee.type === 'MemberExpression' && !callee.computed && keyName(callee.property) === 'bind')
    return resolver.origins(callee.object as AnyNode, scope);
  if (names.includes('Reflect.get') && first && second) {
    const key = resolver.text(second, scope);
    return key?.exact
      ? resolver.origins(first, scope).flatMap((value) => resolver.member(value, key.text))
      : [];
  }
  const bundled = moduleOfCall(call as CallExpression, scope, resolver);
  if (bundled) {
    const exported = exportsOf(bundled, 'exports').flatMap((value) => reach(value, resolver));
    return exported.some(({ node }) => node.type !== 'ObjectExpression') ? exported : [];
  }
  return targetsOf(callee, scope, resolver).flatMap((target) => returnsOf(target, resolver));
}

/** The local functions that an expression may be. */
export function targetsOf(callee: AnyNode, scope: Scope, resolver: Resolver): AnyNode[] {
  return resolver
    .origins(callee, scope)
    .flatMap(({ node, path }) => (path.length === 0 && isFunction(node) ? [node] : []));
}

function returnsOf(target: AnyNode, resolver: Resolver): readonly Value[] {
  const returns = scopeWithin(target)?.returns ?? [];
  return returns.flatMap((value) => reach(value, resolver));
}

function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const found: Value[] = [];
  for (const value of values) {
    const isKnown = found.some(
      ({ node, path }) =>
        node === value.node &&
        path.length === value.path.length &&
        path.every((key, i) => key === value.path[i]),
    );
    if (!isKnown && found.push(value) >= originsMax) break;
  }
  return found;
}
