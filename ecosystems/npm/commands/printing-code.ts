import { isBuiltin } from 'node:module';
import { parse, type AnyNode, type CallExpression, type Program } from 'acorn';
import { readScopes, type ScopedNodes } from '@sluice/inspection/inspect';

/** Names that code may use without being looked at more closely. */
const globals = new Set(
  'console os path Boolean String Number JSON Math parseInt parseFloat Object Array undefined'.split(' '),
);
/** Methods that take arguments and only compute or print. */
const methods = new Set(
  'log error write stringify parse keys values entries map filter forEach some every find reduce join concat replace replaceAll split slice substring substr trim toString test match indexOf includes startsWith endsWith padStart toLowerCase toUpperCase resolve dirname relative basename extname normalize isArray push sort then catch finally'.split(
    ' ',
  ),
);
const functions = new Set(['require', 'Boolean', 'String', 'Number', 'parseInt', 'parseFloat']);
const modules = new Set(['os', 'path', 'url', 'util']);
const readers = new Set(['readdirSync', 'existsSync', 'statSync', 'realpathSync']);
const processParts = new Set(
  'version versions platform arch env config release stdout cwd argv execPath features'.split(' '),
);
/** Ways from a value to code that is not in the text. */
const forbiddenNames = new Set(
  'constructor __proto__ prototype mainModule binding dlopen getBuiltinModule call apply bind'.split(' '),
);
const forbiddenNodes = new Set(
  'NewExpression MetaProperty TaggedTemplateExpression AwaitExpression WithStatement ThisExpression ClassDeclaration ClassExpression'.split(
    ' ',
  ),
);

/**
 * Judges code that a command hands to Node with `-e` or `-p`: whether it does nothing but compute and print.
 * @param isOutputRead whether gyp runs commands in what is printed.
 * @returns the local files that it loads, as written; null when it may do more, or is not understood.
 */
export function filesOfPrintingCode(code: string, isOutputRead: boolean): string[] | null {
  let scoped: ScopedNodes;
  try {
    scoped = readScopes(parse(code, { ecmaVersion: 'latest', allowReturnOutsideFunction: true }) as Program);
  } catch {
    return null;
  }
  const { nodes, scopes, parents } = scoped;
  const files: string[] = [];
  for (const [i, node] of nodes.entries()) {
    if (forbiddenNodes.has(node.type) || (isOutputRead && mayBeCommand(node))) return null;
    if (node.type === 'Identifier') {
      const isDeclared = scopes[i]!.lookup(node.name) !== null;
      if (!isPlainName(node, parents[i] ?? null, isDeclared)) return null;
    } else if (node.type === 'MemberExpression') {
      if (node.computed && node.property.type !== 'Literal') return null;
      if (node.computed && forbiddenNames.has(nameOf(node))) return null;
    } else if (node.type === 'AssignmentExpression') {
      if (node.left.type !== 'Identifier') return null;
    } else if (node.type === 'ImportExpression') {
      const loaded = isOutputRead ? null : filesOfModule(node.source, null);
      if (loaded === null) return null;
      files.push(...loaded);
    } else if (node.type === 'CallExpression') {
      const loaded = checkCall(node, parents[i] ?? null);
      if (loaded === null) return null;
      files.push(...loaded);
    }
  }
  return files;
}

function isPlainName(
  node: AnyNode & { type: 'Identifier' },
  parent: AnyNode | null,
  isDeclared: boolean,
): boolean {
  const { name } = node;
  if (forbiddenNames.has(name)) return false;
  if (isPropertyName(node, parent)) return true;
  if (name === 'process') {
    return !isDeclared && parent?.type === 'MemberExpression' && processParts.has(nameOf(parent));
  }
  // The function itself may not be handed on under another name.
  if (name === 'require') return !isDeclared && (isCallee(node, parent) || nameOf(parent) === 'resolve');
  return isDeclared || globals.has(name);
}

/** The local files that a call loads; null when it may do more than compute. */
function checkCall(call: CallExpression, user: AnyNode | null): string[] | null {
  const { callee } = call;
  if (callee.type === 'MemberExpression') {
    const isResolve = callee.object.type === 'Identifier' && callee.object.name === 'require';
    if (isResolve) return filesOfRequire(call, null);
    const name = nameOf(callee);
    return call.arguments.length === 0 || methods.has(name) || readers.has(name) ? [] : null;
  }
  if (callee.type === 'Identifier') {
    if (!functions.has(callee.name)) return null;
    return callee.name === 'require' ? filesOfRequire(call, user) : [];
  }
  return call.arguments.length === 0 ? [] : null;
}

function filesOfRequire(call: CallExpression, user: AnyNode | null): string[] | null {
  return filesOfModule(call.arguments[0], user);
}

/** @param user of the module that is loaded. */
function filesOfModule(argument: AnyNode | undefined, user: AnyNode | null): string[] | null {
  if (argument?.type !== 'Literal' || typeof argument.value !== 'string') return null;
  const name = argument.value.replace(/^node:/, '');
  // The printed text of other data is unknown.
  if (name.startsWith('.'))
    return /\.json$/i.test(name) && !/(?:^|\/)package\.json$/.test(name) ? null : [name];
  if (name === 'fs') return user?.type === 'MemberExpression' && readers.has(nameOf(user)) ? [] : null;
  // Another package is judged for itself.
  return modules.has(name) || (!isBuiltin(name) && !/^[/\\]|^[A-Za-z]:/.test(name)) ? [] : null;
}

/** gyp runs commands in printed text as well. */
function mayBeCommand(node: AnyNode): boolean {
  if (node.type === 'TemplateElement') return (node.value.cooked ?? '!').includes('!');
  return node.type === 'Literal' && typeof node.value === 'string' && node.value.includes('!');
}

function isCallee(node: AnyNode, parent: AnyNode | null): boolean {
  return parent?.type === 'CallExpression' && parent.callee === node;
}

function isPropertyName(node: AnyNode, parent: AnyNode | null): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed;
  return parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand;
}

/** The name of the member that an expression takes, or nothing. */
function nameOf(node: AnyNode | null): string {
  if (node?.type !== 'MemberExpression') return '';
  const { property } = node;
  if (property.type === 'Identifier') return property.name;
  return property.type === 'Literal' ? String(property.value) : '';
}
