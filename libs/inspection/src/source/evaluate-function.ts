import type { AnyNode } from 'acorn';
import type { Evaluation } from './evaluation.ts';
import { Frame } from './frame.ts';
import { asList, fail, unknown, type Known } from './known-values.ts';
import { scopeWithin } from './scope.ts';

/** How a statement ends that does not go on to the next one. */
type End = { kind: 'break' | 'continue' } | { kind: 'return'; value: Known };

/** What a function of the program gives; it may only compute. */
export function callFunction(evaluation: Evaluation, fn: AnyNode, args: Known[], outer: Frame): Known {
  const scope = scopeWithin(fn);
  const { params, body, generator, async } = fn as unknown as {
    params: AnyNode[];
    body: AnyNode;
    generator?: boolean;
    async?: boolean;
  };
  if (!scope || generator || async) throw unknown;
  const frame = new Frame(outer, scope);
  for (const [index, parameter] of params.entries()) {
    if (parameter.type === 'RestElement') declare(evaluation, parameter.argument, args.slice(index), frame);
    else declare(evaluation, parameter, args[index], frame);
  }
  if (body.type !== 'BlockStatement') return evaluation.value(body, frame);
  const end = runAll(evaluation, body.body, frame.at(scopeWithin(body)));
  return end?.kind === 'return' ? end.value : undefined;
}

function declare(evaluation: Evaluation, pattern: AnyNode, value: Known, frame: Frame): void {
  if (pattern.type === 'Identifier') frame.names.set(pattern.name, value);
  else if (pattern.type === 'AssignmentPattern')
    declare(
      evaluation,
      pattern.left,
      value === undefined ? evaluation.value(pattern.right, frame) : value,
      frame,
    );
  else if (pattern.type === 'ArrayPattern') {
    for (const [index, element] of pattern.elements.entries())
      if (element) declare(evaluation, element, asList(value)[index], frame);
  } else throw unknown;
}

function runAll(evaluation: Evaluation, statements: readonly AnyNode[], frame: Frame): End | null {
  for (const statement of statements) {
    if (statement.type === 'FunctionDeclaration' && statement.id)
      frame.names.set(statement.id.name, (...args) => callFunction(evaluation, statement, args, frame));
  }
  for (const statement of statements) {
    const end = runStatement(evaluation, statement, frame);
    if (end) return end;
  }
  return null;
}

function runStatement(evaluation: Evaluation, node: AnyNode, outer: Frame): End | null {
  evaluation.spend();
  const frame = outer.at(scopeWithin(node));
  switch (node.type) {
    case 'VariableDeclaration':
      for (const { id, init } of node.declarations)
        declare(evaluation, id, init ? evaluation.value(init, frame) : undefined, frame);
      return null;
    case 'ExpressionStatement':
      evaluation.value(node.expression, frame);
      return null;
    case 'ReturnStatement':
      return { kind: 'return', value: node.argument ? evaluation.value(node.argument, frame) : undefined };
    case 'BlockStatement':
      return runAll(evaluation, node.body, frame);
    case 'IfStatement': {
      const taken = evaluation.value(node.test, frame) ? node.consequent : node.alternate;
      return taken ? runStatement(evaluation, taken, frame) : null;
    }
    case 'ForStatement':
      if (node.init?.type === 'VariableDeclaration') runStatement(evaluation, node.init, frame);
      else if (node.init) evaluation.value(node.init, frame);
      return runLoop(evaluation, node.test ?? null, node.update ?? null, node.body, frame);
    case 'WhileStatement':
      return runLoop(evaluation, node.test, null, node.body, frame);
    case 'ForOfStatement': {
      const [declaration] = node.left.type === 'VariableDeclaration' ? node.left.declarations : [];
      for (const item of asList(evaluation.value(node.right, frame))) {
        declare(evaluation, declaration?.id ?? (node.left as AnyNode), item, frame);
        const end = runStatement(evaluation, node.body, frame);
        if (end?.kind === 'return') return end;
        if (end?.kind === 'break') break;
      }
      return null;
    }
    case 'BreakStatement':
    case 'ContinueStatement':
      return node.label ? fail() : { kind: node.type === 'BreakStatement' ? 'break' : 'continue' };
    case 'EmptyStatement':
    case 'FunctionDeclaration':
      return null;
    default:
      throw unknown;
  }
}

function runLoop(
  evaluation: Evaluation,
  test: AnyNode | null,
  update: AnyNode | null,
  body: AnyNode,
  frame: Frame,
): End | null {
  while (test === null || evaluation.value(test, frame)) {
    const end = runStatement(evaluation, body, frame);
    if (end?.kind === 'return') return end;
    if (end?.kind === 'break') break;
    if (update) evaluation.value(update, frame);
  }
  return null;
}
