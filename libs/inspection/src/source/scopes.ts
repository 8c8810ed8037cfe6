import type { AnyNode, Pattern, Program } from 'acorn';
import { addToList, assign, defineMembers } from './assignments.ts';
import { addParts, declarePattern, keyName } from './patterns.ts';
import { addValue, own, Scope, type ScopedNodes, type Value } from './scope.ts';
import { pushChildren } from './walk.ts';

export type { ScopedNodes } from './scope.ts';

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
