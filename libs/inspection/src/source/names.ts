import { isBuiltin } from 'node:module';
import type { AnyNode, CallExpression, Identifier } from 'acorn';
import type { Resolver } from './resolution.ts';
import type { Binding, Scope, Value } from './scope.ts';
import { isFunction } from './scopes.ts';

/** More names for one expression than this tell nothing. */
const namesMax = 6;
/** `Function('return this')()` is how code asks for it without naming it. */
const globalObjects = new Set(['globalThis', 'global', 'window', 'self', 'Function()()']);
/** Names that wrappers of modules hand in under the same name. */
const handedIn = new Set(['require', 'process', 'module', 'Buffer', 'global', 'globalThis']);
const requirers =
  /^(?:require|import|(?:.*\.)?(?:require|_load|getBuiltinModule)|(?:module\.)?createRequire\(\)|__non_webpack_require__|__require)$/;
const returned = /^\s*return\s+([\w$.]+)\s*;?\s*$/;
const plainName = /^[\w$]+(?:\.[\w$]+)*$/;

/** See `Resolver.names`. */
export function namesOf(node: AnyNode, scope: Scope, resolver: Resolver): readonly string[] {
  const written = nameAsWritten(node, scope);
  if (written !== null) return [written];
  const names = new Set<string>();
  for (const { node: origin, path, scope: inner } of resolver.origins(node, scope)) {
    for (const name of path.length === 0
      ? namesOfOrigin(origin, inner, resolver)
      : namesOfMember(origin, path, inner, resolver))
      names.add(name);
    if (names.size >= namesMax) break;
  }
  return [...names];
}

/**
 * The name of a member, or of a member of one, of a name that nothing in the program has a value for: most calls are
 * methods of parameters and of globals.
 * @returns null for any other expression.
 */
function nameAsWritten(node: AnyNode, scope: Scope): string | null {
  let root = node;
  while (root.type === 'MemberExpression' && !root.computed && root.property.type === 'Identifier')
    root = root.object as AnyNode;
  if (root.type !== 'Identifier') return null;
  const binding = scope.lookup(root.name);
  if (binding?.kind === 'variable' && (binding.values.length > 0 || binding.members !== null)) return null;
  const path: string[] = [];
  for (let member = node; member.type === 'MemberExpression'; member = member.object as AnyNode)
    path.push((member.property as Identifier).name);
  return joinName(nameOfBinding(root.name, binding), path.toReversed());
}

function nameOfBinding(name: string, binding: Binding | null): string {
  if (!binding) return name;
  if (binding.kind === 'import') return joinName(moduleName(binding.module), binding.path);
  return handedIn.has(name) ? name : '?';
}

function namesOfMember(origin: AnyNode, path: string[], scope: Scope, resolver: Resolver): string[] {
  const isLiteral =
    isFunction(origin) ||
    ['ArrayExpression', 'Literal', 'ObjectExpression', 'TemplateLiteral'].includes(origin.type);
  // The constructor of any function is Function, however it is reached.
  const depth = isFunction(origin) ? 1 : 2;
  if (isLiteral && path.length === depth && path.at(-1) === 'constructor') return ['Function'];
  const bases = namesOfOrigin(origin, scope, resolver);
  return (bases.length === 0 ? ['?'] : bases).map((base) => joinName(base, path));
}

function namesOfOrigin(node: AnyNode, scope: Scope, resolver: Resolver): string[] {
  switch (node.type) {
    case 'Identifier':
      return [nameOfBinding(node.name, scope.lookup(node.name))];
    case 'MemberExpression': {
      const { property, computed } = node;
      return [joinName('?', [computed || property.type !== 'Identifier' ? '?' : property.name])];
    }
    case 'ImportExpression':
      return modulesNamed(node.source, scope, resolver);
    case 'CallExpression':
      return namesOfCall(node, scope, resolver);
    case 'NewExpression':
      return resolver.names(node.callee as AnyNode, scope).map((name) => `${name}()`);
    case 'ThisExpression':
      return ['?'];
    case 'MetaProperty':
      return ['import.meta'];
    default:
      return [];
  }
}

function namesOfCall(node: CallExpression, scope: Scope, resolver: Resolver): string[] {
  const callee = node.callee as AnyNode;
  const [first, second] = node.arguments as AnyNode[];
  const names = resolver.names(callee, scope);
  if (second && names.some((name) => name.endsWith('.call') && requirers.test(name.slice(0, -5))))
    return modulesNamed(second, scope, resolver);
  if (first && names.some((name) => requirers.test(name))) {
    const modules = modulesNamed(first, scope, resolver);
    return modules.length > 0 ? modules : ['?'];
  }
  const spelled = nameInText(node, names, scope, resolver);
  if (spelled) return [spelled];
  const isUnknown = names.every((name) => name === '?');
  if (isUnknown && first && node.arguments.length === 1) {
    const [module] = modulesNamed(first, scope, resolver);
    // An unknown function of one name of Node's own modules is `require` under another name.
    if (module && isBuiltin(module)) return [module];
  }
  return names.map((name) => (name === '?' ? '?' : `${name}()`));
}

/** `eval('require')` and `Function('return process')()` are these names. */
function nameInText(
  node: CallExpression,
  names: readonly string[],
  scope: Scope,
  resolver: Resolver,
): string | null {
  const callee = node.callee as AnyNode;
  if (names.includes('eval') && node.arguments[0]) {
    const text = resolver.text(node.arguments[0] as AnyNode, scope)?.text.trim() ?? '';
    return plainName.test(text) ? text : null;
  }
  if (!names.includes('Function()')) return null;
  const made = resolver.origins(callee, scope).find((value: Value) => 'arguments' in value.node);
  const code = made && (made.node as CallExpression).arguments.at(-1);
  const name = code && returned.exec(resolver.text(code as AnyNode, made.scope)?.text ?? '')?.[1];
  return name && name !== 'this' ? name : null;
}

/** The modules that an argument names. */
function modulesNamed(argument: AnyNode, scope: Scope, resolver: Resolver): string[] {
  const found = resolver.origins(argument, scope).flatMap(({ node, path, scope: inner }) => {
    const folded = path.length === 0 ? resolver.text(node, inner) : null;
    return folded?.exact ? [moduleName(folded.text)] : [];
  });
  if (found.length > 0) return found;
  const folded = resolver.text(argument, scope);
  return folded?.exact ? [moduleName(folded.text)] : [];
}

function moduleName(text: string): string {
  return text.replace(/^node:/, '');
}

/** The name of a member. The global object is not named. */
export function joinName(base: string, path: readonly string[]): string {
  if (path.length === 0) return base;
  let name = globalObjects.has(base) ? '' : base;
  for (const part of path) if (part !== 'default') name = name === '' ? part : `${name}.${part}`;
  return name;
}
