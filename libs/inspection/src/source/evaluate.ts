import type { AnyNode } from 'acorn';
import { Evaluation } from './evaluation.ts';
import { Frame } from './frame.ts';
import { isBuiltinName, isKnownMethod, unknown } from './known-values.ts';
import { plain, type Folded, type Resolver } from './resolution.ts';
import type { Scope } from './scope.ts';

/** Steps of one evaluation and of all in a program. A decoder takes ten a character; a second has some ten million. */
const stepsMax = 200_000;
const programStepsMax = 1_000_000;

const spent = new WeakMap<Resolver, number>();

/**
 * The text that a call gives, where it follows from the program alone: decoders of texts and lists of numbers, and the
 * methods of texts and lists. Only pure code is evaluated, by this reader, in bounded steps; nothing is run.
 * @returns null when anything in it is unknown.
 */
export function evaluateText(node: AnyNode, scope: Scope, resolver: Resolver): Folded | null {
  if (node.type !== 'CallExpression' && node.type !== 'MemberExpression') return null;
  if (!mayBeKnown(node, scope)) return null;
  const evaluation = new Evaluation(
    resolver,
    Math.min(stepsMax, programStepsMax - (spent.get(resolver) ?? 0)),
  );
  try {
    const value = evaluation.value(node, new Frame(null, scope));
    if (typeof value !== 'string' && typeof value !== 'number') return null;
    return { ...plain(String(value)), decoded: evaluation.decodes };
  } catch (error) {
    if (
      error === unknown ||
      error instanceof TypeError ||
      error instanceof RangeError ||
      error instanceof SyntaxError ||
      error instanceof URIError
    )
      return null;
    throw error;
  } finally {
    spent.set(resolver, (spent.get(resolver) ?? 0) + evaluation.steps);
  }
}

/** Globals that pure code starts from; of any other nothing is known. */
const roots = new Set(
  'Array Boolean Buffer Math Number Object Reflect String TextDecoder Uint8Array atob btoa decodeURI decodeURIComponent encodeURIComponent escape global globalThis module parseFloat parseInt process require self unescape window'.split(
    ' ',
  ),
);

/** The first look: most calls are of functions that are not pure, of methods that are none of a text or list, or of unknown arguments. */
function mayBeKnown(node: AnyNode, scope: Scope, depth = 0): boolean {
  if (!mayStartKnown(node, scope)) return false;
  if (node.type !== 'CallExpression') return true;
  const { callee } = node;
  const isFunctionKnown =
    callee.type === 'MemberExpression'
      ? callee.computed ||
        callee.property.type !== 'Identifier' ||
        isKnownMethod(callee.property.name) ||
        isOwn(callee.object as AnyNode, scope)
      : callee.type !== 'Identifier' || isOwn(callee, scope) || isBuiltinName(callee.name);
  return (
    isFunctionKnown && (node.arguments as AnyNode[]).every((argument) => mayBeValue(argument, scope, depth))
  );
}

/** Deeper arguments are left to the evaluation. */
const argumentDepthMax = 4;

/** Whether an argument may have a value: a parameter that is given none has none, and neither has a global. */
function mayBeValue(node: AnyNode, scope: Scope, depth: number): boolean {
  if (depth > argumentDepthMax) return true;
  switch (node.type) {
    case 'Identifier': {
      if (node.name === 'undefined') return true;
      const binding = scope.lookup(node.name);
      return binding?.kind === 'variable' && binding.values.length > 0 && binding.parts.length === 0;
    }
    case 'ThisExpression':
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'ClassExpression':
    case 'TaggedTemplateExpression':
    case 'ImportExpression':
    case 'MetaProperty':
      return false;
    case 'CallExpression':
    case 'MemberExpression':
      return mayBeKnown(node, scope, depth + 1);
    case 'BinaryExpression':
      return mayBeValue(node.left as AnyNode, scope, depth + 1) && mayBeValue(node.right, scope, depth + 1);
    case 'UnaryExpression':
      return mayBeValue(node.argument, scope, depth + 1);
    default:
      return true;
  }
}

/** Whether the innermost object of a chain of members and calls is no name without a value, and not `this`. */
function mayStartKnown(node: AnyNode, scope: Scope): boolean {
  let root = node;
  for (;;) {
    if (root.type === 'MemberExpression') root = root.object as AnyNode;
    else if (root.type === 'CallExpression' || root.type === 'NewExpression') root = root.callee as AnyNode;
    else break;
  }
  if (root.type === 'ThisExpression') return false;
  if (root.type !== 'Identifier') return true;
  const binding = scope.lookup(root.name);
  if (!binding) return roots.has(root.name);
  return binding.kind === 'import' || binding.values.length > 0;
}

function isOwn(node: AnyNode, scope: Scope): boolean {
  const binding = node.type === 'Identifier' ? scope.lookup(node.name) : null;
  return binding?.kind === 'variable' && binding.values.length > 0;
}
