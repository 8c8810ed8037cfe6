import type { AnyNode, CallExpression, MemberExpression } from 'acorn';
import { decodeText } from './decode-text.ts';
import type { Scope } from './scopes.ts';

/** A text that is known without running the code; `exact` is false where parts of it are unknown (`…`). */
export interface Folded {
  text: string;
  exact: boolean;
  /** True when it was hidden behind base64, hex, character codes, reversal or the like. */
  decoded: boolean;
}

/** Names and constants resolve through this many steps; real code needs a handful. */
const depthMax = 24;
const textLengthMax = 200_000;
const globalObjects = new Set(['globalThis', 'global', 'window', 'self']);
const interop = /^(?:_*interop\w*|__import(?:Default|Star)|__toESM|tslib(?:\.\w+)?|_*toConsumable\w*)$/;
const requirers = new Set([
  'require',
  'module.require',
  'process.mainModule.require',
  'import',
  'module.createRequire()',
]);

/**
 * The name that an expression goes by, through imports, destructuring and aliases: `child_process.exec` for `run`
 * after `const { exec: run } = require('child_process')`. `()` marks the result of a call; an unknown start is `?`.
 * @returns null when nothing is known of it.
 */
export function nameOf(node: AnyNode, scope: Scope, depth = 0): string | null {
  if (depth > depthMax) return null;
  if (!isComposed(node)) return resolveName(node, scope, depth);
  const { names } = scope.resolved;
  let name = names.get(node) as string | null | undefined;
  if (name === undefined) names.set(node, (name = resolveName(node, scope, depth)));
  return name;
}

/**
 * Nodes that are resolved once and remembered: constants that are made of each other twice over would else take
 * exponential time.
 */
function isComposed({ type }: AnyNode): boolean {
  return (
    type === 'BinaryExpression' ||
    type === 'CallExpression' ||
    type === 'MemberExpression' ||
    type === 'TemplateLiteral'
  );
}

function resolveName(node: AnyNode, scope: Scope, depth: number): string | null {
  switch (node.type) {
    case 'Identifier':
      return nameOfIdentifier(node.name, scope, depth);
    case 'MemberExpression':
      return nameOfMember(node, scope, depth);
    case 'CallExpression':
      return nameOfCall(node, scope, depth);
    case 'ImportExpression':
      return moduleName(fold(node.source, scope, depth + 1));
    case 'NewExpression': {
      const name = nameOf(node.callee as AnyNode, scope, depth + 1);
      return name && `${name}()`;
    }
    case 'SequenceExpression':
      return nameOf(node.expressions.at(-1)!, scope, depth + 1);
    case 'AwaitExpression':
    case 'ParenthesizedExpression':
    case 'ChainExpression':
      return nameOf(('argument' in node ? node.argument : node.expression) as AnyNode, scope, depth + 1);
    case 'LogicalExpression':
      return nameOf(node.left, scope, depth + 1) ?? nameOf(node.right, scope, depth + 1);
    case 'ThisExpression':
      return '?';
    default:
      return null;
  }
}

function nameOfIdentifier(name: string, scope: Scope, depth: number): string | null {
  const binding = scope.lookup(name);
  if (!binding) return name;
  if (binding.kind === 'opaque') return '?';
  if (binding.kind === 'import')
    return join(moduleName({ text: binding.module, exact: true, decoded: false })!, binding.path);
  if (!binding.init) return '?';
  const base = nameOf(binding.init, binding.scope, depth + 1);
  return base && join(base, binding.path);
}

function nameOfMember(node: MemberExpression, scope: Scope, depth: number): string | null {
  const property = node.computed
    ? fold(node.property as AnyNode, scope, depth + 1)
    : { text: (node.property as { name: string }).name, exact: true };
  const base = nameOf(node.object as AnyNode, scope, depth + 1) ?? '?';
  return join(base, [property?.exact ? property.text : '?']);
}

function nameOfCall(node: CallExpression, scope: Scope, depth: number): string | null {
  const callee = nameOf(node.callee as AnyNode, scope, depth + 1);
  if (callee === null) return null;
  const [first] = node.arguments as AnyNode[];
  if (requirers.has(callee)) return first ? (moduleName(fold(first, scope, depth + 1)) ?? '?') : null;
  if (first && (interop.test(callee) || /(?:^|\.)promisify$/.test(callee)))
    return nameOf(first, scope, depth + 1);
  return callee === '?' ? '?' : `${callee}()`;
}

function moduleName(folded: Folded | null): string | null {
  return folded?.exact ? folded.text.replace(/^node:/, '') : null;
}

function join(base: string, path: string[]): string {
  const start = globalObjects.has(base) && path.length > 0 ? [] : [base];
  return [...start, ...path.filter((part) => part !== 'default')].join('.');
}

/**
 * The text of an expression as far as it follows from the code alone: literals, templates, `+`, constants, and the
 * ways in which text is commonly taken apart and put together again.
 */
export function fold(node: AnyNode, scope: Scope, depth = 0): Folded | null {
  if (depth > depthMax) return null;
  if (!isComposed(node)) return foldNode(node, scope, depth);
  const { texts } = scope.resolved;
  let folded = texts.get(node) as Folded | null | undefined;
  if (folded === undefined) texts.set(node, (folded = foldNode(node, scope, depth)));
  return folded;
}

function foldNode(node: AnyNode, scope: Scope, depth: number): Folded | null {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' || typeof node.value === 'number'
        ? plain(String(node.value))
        : null;
    case 'TemplateLiteral':
      return concatenate(
        node.quasis.flatMap((quasi, index) => {
          const expression = node.expressions[index];
          const text = plain(quasi.value.cooked ?? quasi.value.raw);
          return expression ? [text, fold(expression, scope, depth + 1)] : [text];
        }),
      );
    case 'BinaryExpression':
      return node.operator === '+' ? foldSum(node, scope, depth) : null;
    case 'Identifier': {
      const binding = scope.lookup(node.name);
      const isText = binding?.kind === 'value' && binding.init && binding.path.length === 0;
      return isText ? fold(binding.init!, binding.scope, depth + 1) : null;
    }
    case 'LogicalExpression':
      return inexact(fold(node.right, scope, depth + 1) ?? fold(node.left, scope, depth + 1));
    case 'MemberExpression':
      return foldElement(node, scope, depth);
    case 'CallExpression':
      return foldCall(node, scope, depth);
    case 'AssignmentExpression':
      return node.operator === '=' ? fold(node.right, scope, depth + 1) : null;
    case 'SequenceExpression':
      return fold(node.expressions.at(-1)!, scope, depth + 1);
    case 'AwaitExpression':
      return fold(node.argument, scope, depth + 1);
    default:
      return null;
  }
}

/** Sums lean to the left and may have thousands of parts, so their spine is walked and not recursed into. */
function foldSum(node: AnyNode, scope: Scope, depth: number): Folded | null {
  const parts: (Folded | null)[] = [];
  let left = node;
  while (left.type === 'BinaryExpression' && left.operator === '+') {
    parts.push(fold(left.right, scope, depth + 1));
    left = left.left as AnyNode;
  }
  parts.push(fold(left, scope, depth + 1));
  return parts.some((part) => part !== null) ? concatenate(parts.toReversed()) : null;
}

function foldElement(node: MemberExpression, scope: Scope, depth: number): Folded | null {
  if (!node.computed) return null;
  const index = fold(node.property as AnyNode, scope, depth + 1);
  const list = index?.exact ? foldList(node.object as AnyNode, scope, depth + 1) : null;
  return list?.[Number(index!.text)] ?? null;
}

function foldCall(node: CallExpression, scope: Scope, depth: number): Folded | null {
  const callee = node.callee as AnyNode;
  const args = node.arguments as AnyNode[];
  const name = nameOf(callee, scope, depth + 1);
  const argument = (index: number) => (args[index] ? fold(args[index], scope, depth + 1) : null);
  if (name === 'String.fromCharCode' || name === 'String.fromCodePoint') {
    const codes = args.flatMap((arg) => codesOf(arg, scope, depth + 1));
    return codes.length > 0 && codes.every(Number.isFinite)
      ? hidden(codes.map((code) => String.fromCharCode(code)).join(''))
      : null;
  }
  if (name === 'atob') return decoded(argument(0), 'base64');
  if (name === 'decodeURIComponent' || name === 'unescape') return decoded(argument(0), 'percent');
  if (callee.type !== 'MemberExpression') return null;
  const object = callee.object as AnyNode;
  const method = name?.slice(name.lastIndexOf('.') + 1);
  if (method === 'toString') return foldBuffer(object, scope, depth + 1) ?? fold(object, scope, depth + 1);
  if (method === 'join') {
    const list = foldList(object, scope, depth + 1);
    return list && list.length <= textLengthMax ? joinList(list, argument(0) ?? plain(',')) : null;
  }
  if (method === 'trim' || method === 'concat') {
    const parts = [fold(object, scope, depth + 1), ...args.map((_, index) => argument(index))];
    return parts[0] ? concatenate(parts) : null;
  }
  if (method === 'replace' || method === 'replaceAll') {
    const [text, from, to] = [fold(object, scope, depth + 1), argument(0), argument(1)];
    return text?.exact && from?.exact && to?.exact
      ? hidden(text.text.replaceAll(from.text, () => to.text))
      : null;
  }
  return null;
}

/** `Buffer.from(text, encoding)`, without the final toString. */
function foldBuffer(node: AnyNode, scope: Scope, depth: number): Folded | null {
  if ((node.type !== 'CallExpression' && node.type !== 'NewExpression') || node.arguments.length === 0)
    return null;
  const name = nameOf(node.callee as AnyNode, scope, depth + 1);
  if (name !== 'Buffer.from' && name !== 'buffer.Buffer.from' && name !== 'Buffer') return null;
  const [data, encoding] = node.arguments as AnyNode[];
  const codes = codesOf(data!, scope, depth + 1);
  if (codes.length > 1) return hidden(Buffer.from(codes).toString('utf8'));
  const text = fold(data!, scope, depth + 1);
  const kind = encoding ? fold(encoding, scope, depth + 1)?.text : 'utf8';
  return kind === 'base64' || kind === 'hex' ? decoded(text, kind) : text;
}

function codesOf(node: AnyNode, scope: Scope, depth: number): number[] {
  const source = node.type === 'SpreadElement' ? node.argument : node;
  return (foldList(source, scope, depth + 1) ?? [fold(source, scope, depth + 1)]).map((code) =>
    code?.exact && code.text !== '' ? Number(code.text) : Number.NaN,
  );
}

/** The elements of an array that the code spells out, splits or reverses. */
function foldList(node: AnyNode, scope: Scope, depth: number): (Folded | null)[] | null {
  if (depth > depthMax) return null;
  if (node.type === 'Identifier') {
    const binding = scope.lookup(node.name);
    const isList = binding?.kind === 'value' && binding.init && binding.path.length === 0;
    return isList ? foldList(binding.init!, binding.scope, depth + 1) : null;
  }
  if (node.type === 'ArrayExpression') {
    return node.elements.map((element) => element && fold(element as AnyNode, scope, depth + 1));
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  const method = (node.callee.property as { name?: string }).name;
  if (method === 'reverse')
    return foldList(node.callee.object as AnyNode, scope, depth + 1)?.toReversed() ?? null;
  if (method !== 'split') return null;
  const text = fold(node.callee.object as AnyNode, scope, depth + 1);
  const separator = node.arguments[0] ? fold(node.arguments[0] as AnyNode, scope, depth + 1) : null;
  return text?.exact && separator?.exact ? text.text.split(separator.text).map(hidden) : null;
}

function joinList(list: (Folded | null)[], separator: Folded): Folded {
  return concatenate(list.flatMap((part, index) => (index > 0 ? [separator, part] : [part])));
}

function concatenate(parts: (Folded | null)[]): Folded {
  const text = parts.map((part) => part?.text ?? '…').join('');
  return {
    text: text.slice(0, textLengthMax),
    exact: parts.every((part) => part?.exact),
    decoded: parts.some((part) => part?.decoded),
  };
}

const plain = (text: string): Folded => ({ text, exact: true, decoded: false });
const hidden = (text: string): Folded => ({ text: text.slice(0, textLengthMax), exact: true, decoded: true });
const inexact = (folded: Folded | null): Folded | null => folded && { ...folded, exact: false };

function decoded(folded: Folded | null, encoding: 'base64' | 'hex' | 'percent'): Folded | null {
  return folded?.exact ? hidden(decodeText(folded.text, encoding)) : null;
}
