import type { AnyNode, CallExpression, NewExpression, Pattern, Program } from 'acorn';
import { pushChildren } from './walk.ts';

/** The part `path` of what an expression gives in a scope. */
export interface Value {
  node: AnyNode;
  path: string[];
  scope: Scope;
}

/** A name of the program: it may be any of `values`, and is made of `parts` in ways that are not followed exactly. */
export interface Variable {
  kind: 'variable';
  values: Value[];
  /** Texts that are added to it, the list that a loop goes through, the call that a callback is given to. */
  parts: Value[];
  /** Values of members that are assigned one by one: `name.member = value`. */
  members: Map<string, Value[]> | null;
}

export type Binding = Variable | { kind: 'import'; module: string; path: string[] };

/** A name that is written more often counts as any of its first values. */
const valuesMax = 4;
const partsMax = 8;

export class Scope {
  readonly parent: Scope | null;
  /** The function that this is the scope of. */
  readonly fn: AnyNode | null;
  /** The class, object or function that `this` belongs to, where this scope changes it. */
  readonly #self: AnyNode | null;
  /** Most blocks declare nothing. */
  #names: Map<string, Binding> | null = null;

  constructor(parent: Scope | null, fn: AnyNode | null = null, self: AnyNode | null = null) {
    this.parent = parent;
    this.fn = fn;
    this.#self = self;
  }

  declare(name: string, binding: Binding): void {
    (this.#names ??= new Map()).set(name, binding);
  }

  /** The variable of this name in this scope, declared here if it is not. */
  variable(name: string): Variable {
    const known = this.#names?.get(name);
    if (known?.kind === 'variable') return known;
    const variable: Variable = { kind: 'variable', values: [], parts: [], members: null };
    this.declare(name, variable);
    return variable;
  }

  lookup(name: string): Binding | null {
    return this.#names?.get(name) ?? this.parent?.lookup(name) ?? null;
  }

  self(): AnyNode | null {
    return this.#self ?? this.parent?.self() ?? null;
  }
}

export type Call = CallExpression | NewExpression;

/** A program's nodes in order of the source, each with its surroundings at the same position of the other lists. */
export interface ScopedNodes {
  nodes: AnyNode[];
  /** The scope that names in the node resolve in. */
  scopes: Scope[];
  parents: (AnyNode | null)[];
  calls: { node: Call; scope: Scope }[];
  /** By function: its own scope, and the expressions that it returns. */
  functions: Map<AnyNode, { scope: Scope; returns: Value[] }>;
  /** Scopes of blocks. */
  blocks: Map<AnyNode, Scope>;
  /** By class, function or object: values of members that are assigned one by one. */
  members: Map<AnyNode, Map<string, Value[]>>;
}

interface Surroundings {
  scope: Scope;
  functionScope: Scope;
  parent: AnyNode | null;
  /** The class or object literal around. */
  container: AnyNode | null;
}

/** Applied once all names are declared: functions and variables may be used before. */
type Later = () => void;

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const memberTypes = new Set(['MethodDefinition', 'Property', 'PropertyDefinition']);
const blockTypes = new Set([
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'SwitchStatement',
  'StaticBlock',
  'PropertyDefinition',
]);
const containerTypes = new Set(['ClassDeclaration', 'ClassExpression', 'ObjectExpression']);
const returnsMax = 8;

export function isFunction(node: AnyNode): boolean {
  return functionTypes.has(node.type);
}

/** Walks a program once; finds the scope of every node, and the values of every name. */
export function readScopes(program: Program): ScopedNodes {
  const root = new Scope(null);
  const found: ScopedNodes = {
    nodes: [],
    scopes: [],
    parents: [],
    calls: [],
    functions: new Map(),
    blocks: new Map(),
    members: new Map(),
  };
  const later: Later[] = [];
  const nodes: AnyNode[] = [program];
  const surroundings: Surroundings[] = [{ scope: root, functionScope: root, parent: null, container: null }];
  while (nodes.length > 0) {
    const node = nodes.pop()!;
    const around = surroundings.pop()!;
    declare(node, around, later, found);
    const inner = innerScope(node, around);
    if (isFunction(node)) enterFunction(node, inner, found);
    else if (inner !== around.scope) found.blocks.set(node, inner);
    if (node.type === 'CatchClause' && node.param) declarePattern(node.param, null, inner);
    found.nodes.push(node);
    found.scopes.push(inner);
    found.parents.push(around.parent);
    pushChildren(node, nodes);
    const below: Surroundings = {
      scope: inner,
      functionScope: isFunction(node) ? inner : around.functionScope,
      parent: node,
      container: containerTypes.has(node.type) ? node : around.container,
    };
    while (surroundings.length < nodes.length) surroundings.push(below);
  }
  for (const apply of later) apply();
  return found;
}

function innerScope(node: AnyNode, { scope, parent, container }: Surroundings): Scope {
  if (isFunction(node)) {
    if (node.type === 'ArrowFunctionExpression') return new Scope(scope, node);
    return new Scope(scope, node, parent && memberTypes.has(parent.type) ? container : node);
  }
  if (!blockTypes.has(node.type)) return scope;
  return new Scope(scope, null, node.type === 'PropertyDefinition' ? container : null);
}

function enterFunction(node: AnyNode, scope: Scope, found: ScopedNodes): void {
  const returns: Value[] = [];
  found.functions.set(node, { scope, returns });
  const { params, body } = node as { params?: Pattern[]; body: AnyNode };
  if (node.type === 'FunctionExpression' && node.id)
    addValue(scope.variable(node.id.name).values, own(node, scope));
  for (const parameter of params ?? []) declarePattern(parameter, null, scope);
  if (body.type !== 'BlockStatement') returns.push(own(body, scope));
}

function declare(node: AnyNode, around: Surroundings, later: Later[], found: ScopedNodes): void {
  const { scope, functionScope, parent } = around;
  switch (node.type) {
    case 'VariableDeclaration': {
      const target = node.kind === 'var' ? functionScope : scope;
      const isLoop = parent?.type === 'ForOfStatement' || parent?.type === 'ForInStatement';
      for (const { id, init } of node.declarations) {
        declarePattern(id, init ? own(init, scope) : null, target);
        if (isLoop) addParts(id, own(parent.right, scope), target);
      }
      break;
    }
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      if (node.id) addValue(scope.variable(node.id.name).values, own(node, scope));
      break;
    case 'ImportDeclaration':
      for (const specifier of node.specifiers) {
        scope.declare(specifier.local.name, {
          kind: 'import',
          module: String(node.source.value),
          path: specifier.type === 'ImportSpecifier' ? [keyName(specifier.imported)] : [],
        });
      }
      break;
    case 'ReturnStatement': {
      const returns = functionScope.fn && found.functions.get(functionScope.fn)?.returns;
      if (returns && node.argument && returns.length < returnsMax) returns.push(own(node.argument, scope));
      break;
    }
    case 'AssignmentExpression':
      later.push(() => assign(node.left, node.operator, own(node.right, scope), found));
      break;
    case 'CallExpression':
    case 'NewExpression':
      found.calls.push({ node, scope });
      later.push(() => defineMembers(node, scope));
      later.push(() => addToList(node, scope));
  }
}

/** Declares the names of a pattern, with the parts of a value where there is one. */
function declarePattern(pattern: Pattern, value: Value | null, target: Scope): void {
  for (const { name, path, fallbacks } of namesOfPattern(pattern)) {
    const variable = target.variable(name);
    if (value) addValue(variable.values, { ...value, path: [...value.path, ...path] });
    for (const fallback of fallbacks) addValue(variable.values, { ...fallback, scope: target });
  }
}

/** Gives the names of a parameter the value of an argument. Members that are assigned to it are the argument's as well. */
export function bindPattern(pattern: Pattern, value: Value, scope: Scope): void {
  const parameter = pattern.type === 'Identifier' ? scope.variable(pattern.name).members : null;
  const argument = value.node.type === 'Identifier' ? value.scope.lookup(value.node.name) : null;
  if (parameter && argument?.kind === 'variable') {
    const members = (argument.members ??= new Map());
    for (const [key, values] of parameter) for (const member of values) addMember(members, key, member);
  }
  for (const { name, path } of namesOfPattern(pattern)) {
    addValue(scope.variable(name).values, { ...value, path: [...value.path, ...path] });
  }
}

/** Says of the names of a pattern that they are made of something. */
export function addParts(pattern: Pattern, part: Value, scope: Scope): void {
  for (const { name } of namesOfPattern(pattern)) {
    const binding = scope.lookup(name);
    if (binding?.kind === 'variable' && binding.parts.length < partsMax) binding.parts.push(part);
  }
}

interface PatternName {
  name: string;
  /** Members that lead from the value of the whole to this name's. */
  path: string[];
  /** Values that it has where none is given. */
  fallbacks: { node: AnyNode; path: string[] }[];
}

function* namesOfPattern(pattern: Pattern, path: string[] = []): Generator<PatternName> {
  switch (pattern.type) {
    case 'Identifier':
      yield { name: pattern.name, path, fallbacks: [] };
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') yield* namesOfPattern(property.argument, path);
        else yield* namesOfPattern(property.value, [...path, keyName(property.key)]);
      }
      break;
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (element) yield* namesOfPattern(element, [...path, String(index)]);
      }
      break;
    case 'AssignmentPattern':
      for (const found of namesOfPattern(pattern.left, path)) {
        const fallback = { node: pattern.right, path: found.path.slice(path.length) };
        yield { ...found, fallbacks: [...found.fallbacks, fallback] };
      }
      break;
    case 'RestElement':
      yield* namesOfPattern(pattern.argument, ['?']);
  }
}

function assign(target: Pattern, operator: string, value: Value, found: ScopedNodes): void {
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
function defineMembers(call: Call, scope: Scope): void {
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
function addToList({ callee, arguments: args }: Call, scope: Scope): void {
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

/** All of what a node gives. */
export function own(node: AnyNode, scope: Scope): Value {
  return { node, path: [], scope };
}

function addMember(members: Map<string, Value[]>, key: string, value: Value): void {
  const values = members.get(key) ?? [];
  addValue(values, value);
  members.set(key, values);
}

function addValue(values: Value[], value: Value): void {
  if (values.length < valuesMax) values.push(value);
}

/** The key of a member that the text itself names. */
function staticKey({ computed, property }: { computed: boolean; property: AnyNode }): string | null {
  if (computed) return property.type === 'Literal' ? String(property.value) : null;
  return keyName(property);
}

/** The name of a property as its key says. */
export function keyName(key: AnyNode): string {
  // `#x` is another member than `x`, but either says as well what it is.
  if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : '?';
}
