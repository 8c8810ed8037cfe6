import path from 'node:path/posix';
import type { AnyNode, CallExpression } from 'acorn';
import { keyOf } from './origins.ts';
import { plain, textLengthMax, type Folded, type Resolver } from './resolution.ts';
import type { Scope } from './scopes.ts';

const paths = /^path(?:\.(?:posix|win32))?\.(?:join|resolve|normalize)$/;
/** Names that stand for a text that is known well enough. */
const constants: Record<string, string> = {
  __dirname: '.',
  __filename: './?',
  'path.sep': '/',
  'path.posix.sep': '/',
  'os.EOL': '\n',
  'import.meta.url': './?',
  'import.meta.dirname': '.',
};

/** Texts that are put together of parts of which some may be unknown; the rest is computed. See `Resolver.text`. */
export function foldText(node: AnyNode, scope: Scope, resolver: Resolver): Folded | null {
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
          return expression ? [text, resolver.text(expression, scope)] : [text];
        }),
      );
    case 'BinaryExpression':
      return node.operator === '+' ? foldSum(node, scope, resolver) : null;
    case 'Identifier':
    case 'MemberExpression':
      return foldName(node, scope, resolver);
    case 'CallExpression':
    case 'NewExpression':
      return node.type === 'CallExpression'
        ? foldCall(node, scope, resolver)
        : foldUrl(node.arguments as AnyNode[], scope, resolver);
    case 'LogicalExpression':
    case 'ConditionalExpression':
      return foldChoice(node, scope, resolver);
    case 'AssignmentExpression':
      return node.operator === '=' ? resolver.text(node.right, scope) : null;
    case 'SequenceExpression':
      return resolver.text(node.expressions.at(-1)!, scope);
    case 'AwaitExpression':
      return resolver.text(node.argument, scope);
    case 'ChainExpression':
    case 'ParenthesizedExpression':
      return resolver.text(node.expression, scope);
    default:
      return null;
  }
}

/** Sums lean to the left and may have thousands of parts, so their spine is walked and not recursed into. */
function foldSum(node: AnyNode, scope: Scope, resolver: Resolver): Folded | null {
  const parts: (Folded | null)[] = [];
  let left = node;
  while (left.type === 'BinaryExpression' && left.operator === '+') {
    parts.push(resolver.text(left.right, scope));
    left = left.left as AnyNode;
  }
  parts.push(resolver.text(left, scope));
  return parts.some((part) => part !== null) ? concatenate(parts.toReversed()) : null;
}

/** The text of a name that has one value; of a text that is added to, its first part. */
function foldName(node: AnyNode, scope: Scope, resolver: Resolver): Folded | null {
  const [origin, ...others] = resolver.origins(node, scope);
  if (!origin || others.length > 0) return null;
  const isItself = origin.node === node;
  const text = isItself || origin.path.length > 0 ? null : resolver.text(origin.node, origin.scope);
  if (text) {
    const binding = node.type === 'Identifier' ? scope.lookup(node.name) : null;
    const isAddedTo = binding?.kind === 'variable' && binding.parts.length > 0;
    return isAddedTo
      ? concatenate([text, ...binding.parts.map((part) => resolver.text(part.node, part.scope))])
      : text;
  }
  const known = constants[resolver.names(node, scope)[0] ?? ''];
  return known === undefined ? null : plain(known);
}

function foldChoice(
  node: AnyNode & { type: 'LogicalExpression' | 'ConditionalExpression' },
  scope: Scope,
  resolver: Resolver,
): Folded | null {
  const [first, second] =
    node.type === 'LogicalExpression' ? [node.right, node.left] : [node.consequent, node.alternate];
  const folded = resolver.text(first, scope) ?? resolver.text(second, scope);
  return folded && { ...folded, exact: false };
}

function foldCall(node: CallExpression, scope: Scope, resolver: Resolver): Folded | null {
  const callee = node.callee as AnyNode;
  const args = node.arguments as AnyNode[];
  const names = resolver.names(callee, scope);
  const texts = () => args.map((argument) => resolver.text(argument, scope));
  if (names.some((name) => paths.test(name))) return joinPath(texts());
  if (names.includes('url.fileURLToPath')) return args[0] ? resolver.text(args[0], scope) : null;
  if (callee.type !== 'MemberExpression') return null;
  const object = callee.object as AnyNode;
  switch (keyOf(callee, scope, resolver)) {
    case 'join': {
      const list = elementsOf(object, scope, resolver);
      const separator = args[0] ? resolver.text(args[0], scope) : plain(',');
      return list && concatenate(list.flatMap((part, index) => (index > 0 ? [separator, part] : [part])));
    }
    case 'concat': {
      const first = resolver.text(object, scope);
      return first && concatenate([first, ...texts()]);
    }
    case 'toString':
    case 'trim':
      return resolver.text(object, scope);
    default:
      return null;
  }
}

/** `new URL('./x', import.meta.url)`. */
function foldUrl([first, base]: AnyNode[], scope: Scope, resolver: Resolver): Folded | null {
  return first && base ? resolver.text(first, scope) : null;
}

/** The elements of an array that the code spells out, some of which may be unknown. */
function elementsOf(node: AnyNode, scope: Scope, resolver: Resolver): (Folded | null)[] | null {
  const [origin, ...others] = resolver.origins(node, scope);
  if (others.length > 0 || origin?.node.type !== 'ArrayExpression' || origin.path.length > 0) return null;
  const { elements } = origin.node;
  if (elements.length > textLengthMax) return null;
  return elements.map((element) => element && resolver.text(element as AnyNode, origin.scope));
}

/** Joined as `path.join` does; a part that is unknown keeps its place. */
function joinPath(parts: (Folded | null)[]): Folded | null {
  if (parts.every((part) => part === null)) return null;
  const { text, ...rest } = concatenate(
    parts.flatMap((part, index) => (index > 0 ? [plain('/'), part] : [part])),
  );
  const joined = path.normalize(text);
  return { text: text.startsWith('.') && !joined.startsWith('.') ? `./${joined}` : joined, ...rest };
}

function concatenate(parts: (Folded | null)[]): Folded {
  const text = parts.map((part) => part?.text ?? '…').join('');
  return {
    text: text.slice(0, textLengthMax),
    exact: parts.every((part) => part?.exact),
    decoded: parts.some((part) => part?.decoded),
  };
}
