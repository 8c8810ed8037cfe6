import type { AnyNode, AssignmentExpression, Pattern, Program } from 'acorn';
import { addToList, assign, defineMembers } from './assignments.ts';
import { addParts, declarePattern, keyName } from './patterns.ts';
import { addValue, own, Scope, setScopeWithin, type Call, type ScopedNodes } from './scope.ts';
import { pushChildren } from './walk.ts';

export type { ScopedNodes } from './scope.ts';

interface Surroundings {
  scope: Scope;
  functionScope: Scope;
  parent: AnyNode | null;
  /** The class or object literal around. */
  container: AnyNode | null;
}

/** Looked at once all names are declared: functions and variables may be used before. */
interface Later {
  node: AssignmentExpression | Call;
  scope: Scope;
}

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
  const found: ScopedNodes = { nodes: [], scopes: [], parents: [], calls: [], members: new Map() };
  const later: Later[] = [];
  const nodes: AnyNode[] = [program];
  const surroundings: Surroundings[] = [{ scope: root, functionScope: root, parent: null, container: null }];
  while (nodes.length > 0) {
    const node = nodes.pop()!;
    const around = surroundings.pop()!;
    declare(node, around, later, found);
    const inner = enter(node, around);
    found.nodes.push(node);
    found.scopes.push(inner);
    found.parents.push(around.parent);
    pushChildren(node, nodes);
    if (surroundings.length === nodes.length) continue;
    const below: Surroundings = {
      scope: inner,
      functionScope: isFunction(node) ? inner : around.functionScope,
      parent: node,
      container: containerTypes.has(node.type) ? node : around.container,
    };
    while (surroundings.length < nodes.length) surroundings.push(below);
  }
  for (const { node, scope } of later) apply(node, scope, found);
  return found;
}

/** The scope within a node: one of its own for functions, and for blocks that declare names. */
function enter(node: AnyNode, around: Surroundings): Scope {
  const { scope, parent, container } = around;
  if (isFunction(node)) {
    const isArrow = node.type === 'ArrowFunctionExpression';
    const self = isArrow ? null : parent && memberTypes.has(parent.type) ? container : node;
    const inner = new Scope(scope, node, self);
    setScopeWithin(node, inner);
    enterFunction(node, inner);
    return inner;
  }
  if (!blockTypes.has(node.type) || (parent && isFunction(parent)) || !mayDeclare(node)) return scope;
  const inner = new Scope(scope, null, node.type === 'PropertyDefinition' ? container : null);
  setScopeWithin(node, inner);
  if (node.type === 'CatchClause' && node.param) declarePattern(node.param, null, inner);
  return inner;
}

/** Most blocks declare nothing. */
function mayDeclare(node: AnyNode): boolean {
  return (
    node.type !== 'BlockStatement' ||
    node.body.some(
      ({ type }) =>
        type === 'VariableDeclaration' || type === 'FunctionDeclaration' || type === 'ClassDeclaration',
    )
  );
}

function enterFunction(node: AnyNode, scope: Scope): void {
  const { params, body } = node as { params?: Pattern[]; body: AnyNode };
  if (node.type === 'FunctionExpression' && node.id)
    addValue(scope.variable(node.id.name).values, own(node, scope));
  for (const parameter of params ?? []) declarePattern(parameter, null, scope);
  if (body.type !== 'BlockStatement') scope.returns.push(own(body, scope));
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
      const { fn, returns } = functionScope;
      if (fn && node.argument && returns.length < returnsMax) returns.push(own(node.argument, scope));
      break;
    }
    case 'AssignmentExpression':
      later.push({ node, scope });
      break;
    case 'CallExpression':
    case 'NewExpression':
      found.calls.push({ node, scope });
      later.push({ node, scope });
  }
}

/** What an assignment or a call says of names and members. */
function apply(node: Later['node'], scope: Scope, found: ScopedNodes): void {
  if (node.type === 'AssignmentExpression') {
    assign(node.left, node.operator, own(node.right, scope), found);
    return;
  }
  defineMembers(node, scope);
  addToList(node, scope);
}
