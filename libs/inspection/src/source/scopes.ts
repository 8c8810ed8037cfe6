import type { AnyNode, Pattern, Program } from 'acorn';
import { pushChildren } from './walk.ts';

/** The value of a name: an imported module's export, the part `path` of a value, or something unknown. */
export type Binding =
  | { kind: 'import'; module: string; path: string[] }
  | { kind: 'value'; init: AnyNode | null; path: string[]; scope: Scope }
  | { kind: 'opaque' };

export class Scope {
  readonly parent: Scope | null;
  /** Values that nodes of this program resolved to, for the resolver; shared by all scopes of the program. */
  readonly resolved: { names: Map<AnyNode, unknown>; texts: Map<AnyNode, unknown> };
  /** Most blocks declare nothing. */
  #names: Map<string, Binding> | null = null;

  constructor(parent: Scope | null) {
    this.parent = parent;
    this.resolved = parent?.resolved ?? { names: new Map(), texts: new Map() };
  }

  declare(name: string, binding: Binding): void {
    (this.#names ??= new Map()).set(name, binding);
  }

  /** This scope's own declaration of a name. */
  own(name: string): Binding | undefined {
    return this.#names?.get(name);
  }

  lookup(name: string): Binding | null {
    return this.own(name) ?? this.parent?.lookup(name) ?? null;
  }

  /** The scope that declares a name, else null. */
  owner(name: string): Scope | null {
    return this.own(name) ? this : (this.parent?.owner(name) ?? null);
  }
}

interface Assignment {
  scope: Scope;
  name: string;
  value: AnyNode | null;
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const blockTypes = new Set([
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'SwitchStatement',
  'StaticBlock',
]);

/** A program's nodes in order of the source, each with its surroundings at the same position of the other lists. */
export interface ScopedNodes {
  nodes: AnyNode[];
  /** The scope that names in the node resolve in. */
  scopes: Scope[];
  parents: (AnyNode | null)[];
}

/**
 * Walks a program once and finds the scope of every node. A name that is written more than once counts as unknown: a
 * scanner that guesses which of two values it has would report false findings.
 */
export function readScopes(program: Program): ScopedNodes {
  const root = new Scope(null);
  const found: ScopedNodes = { nodes: [], scopes: [], parents: [] };
  const assignments: Assignment[] = [];
  const nodes: AnyNode[] = [program];
  const surroundings: Surroundings[] = [{ scope: root, functionScope: root, parent: null }];
  while (nodes.length > 0) {
    const node = nodes.pop()!;
    const { scope, functionScope, parent } = surroundings.pop()!;
    declare(node, scope, functionScope, assignments);
    const isFunction = functionTypes.has(node.type);
    const inner = isFunction || blockTypes.has(node.type) ? new Scope(scope) : scope;
    if (isFunction) declareParameters(node, inner);
    if (node.type === 'CatchClause' && node.param) declarePattern(node.param, null, [], inner, 'opaque');
    found.nodes.push(node);
    found.scopes.push(inner);
    found.parents.push(parent);
    pushChildren(node, nodes);
    const around = { scope: inner, functionScope: isFunction ? inner : functionScope, parent: node };
    while (surroundings.length < nodes.length) surroundings.push(around);
  }
  for (const assignment of assignments) applyAssignment(assignment);
  return found;
}

interface Surroundings {
  scope: Scope;
  functionScope: Scope;
  parent: AnyNode | null;
}

function declare(node: AnyNode, scope: Scope, functionScope: Scope, assignments: Assignment[]): void {
  switch (node.type) {
    case 'VariableDeclaration': {
      const target = node.kind === 'var' ? functionScope : scope;
      for (const { id, init } of node.declarations)
        declarePattern(id, init ?? null, [], target, 'value', scope);
      break;
    }
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      if (node.id) scope.declare(node.id.name, { kind: 'opaque' });
      break;
    case 'ImportDeclaration':
      for (const specifier of node.specifiers) {
        scope.declare(specifier.local.name, {
          kind: 'import',
          module: String(node.source.value),
          path: specifier.type === 'ImportSpecifier' ? [exportName(specifier.imported)] : [],
        });
      }
      break;
    case 'AssignmentExpression':
      if (node.left.type === 'Identifier') {
        assignments.push({ scope, name: node.left.name, value: node.operator === '=' ? node.right : null });
      }
      break;
    case 'UpdateExpression':
      if (node.argument.type === 'Identifier') {
        assignments.push({ scope, name: node.argument.name, value: null });
      }
  }
}

function declareParameters(node: AnyNode, scope: Scope): void {
  for (const parameter of (node as { params?: Pattern[] }).params ?? []) {
    declarePattern(parameter, null, [], scope, 'opaque');
  }
}

function declarePattern(
  pattern: Pattern,
  init: AnyNode | null,
  path: string[],
  target: Scope,
  kind: 'value' | 'opaque',
  valueScope: Scope = target,
): void {
  switch (pattern.type) {
    case 'Identifier': {
      const known = kind === 'value' && !target.own(pattern.name);
      target.declare(pattern.name, known ? { kind, init, path, scope: valueScope } : { kind: 'opaque' });
      break;
    }
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') declarePattern(property.argument, null, [], target, 'opaque');
        else
          declarePattern(property.value, init, [...path, exportName(property.key)], target, kind, valueScope);
      }
      break;
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (element) declarePattern(element, init, [...path, String(index)], target, kind, valueScope);
      }
      break;
    case 'AssignmentPattern':
      declarePattern(pattern.left, init, path, target, kind, valueScope);
      break;
    case 'RestElement':
      declarePattern(pattern.argument, null, [], target, 'opaque');
  }
}

/** `let cp; try { cp = require('child_process') } catch {}`: the first value of a name declared without one is its value. */
function applyAssignment({ scope, name, value }: Assignment): void {
  const owner = scope.owner(name);
  const binding = owner?.own(name);
  if (!owner || binding?.kind !== 'value') return;
  const isFirst = binding.init === null && binding.path.length === 0 && value !== null;
  owner.declare(name, isFirst ? { ...binding, init: value, scope } : { kind: 'opaque' });
}

function exportName(key: AnyNode): string {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : '?';
}
