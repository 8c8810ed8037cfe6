import type { AnyNode } from 'acorn';
import {
  applyBuiltin,
  applyMethod,
  asList,
  asText,
  fail,
  isBuiltinName,
  isDecoding,
  isKnownMethod,
  unknown,
  type Known,
} from './known-values.ts';
import { binary, simpleRegex, unary } from './operators.ts';
import { plain, textLengthMax, type Folded, type Resolver } from './resolution.ts';
import { keyName } from './patterns.ts';
import { scopeWithin, type Scope } from './scope.ts';
import { isFunction } from './scopes.ts';

/** Steps of one evaluation and of all in a program. A decoder takes ten a character; a second has some ten million. */
const stepsMax = 200_000;
const programStepsMax = 1_000_000;
const depthMax = 40;

/** Names inside of a function while it is evaluated. */
class Frame {
  readonly names: Map<string, Known>;
  readonly parent: Frame | null;
  readonly scope: Scope;

  constructor(parent: Frame | null, scope: Scope, names = new Map<string, Known>()) {
    this.parent = parent;
    this.scope = scope;
    this.names = names;
  }

  /** The same names, in a block of the function. */
  at(scope: Scope | null): Frame {
    return scope ? new Frame(this.parent, scope, this.names) : this;
  }

  owner(name: string): Frame | null {
    return this.names.has(name) ? this : (this.parent?.owner(name) ?? null);
  }
}

/** How a statement ends that does not go on to the next one. */
type End = { kind: 'break' | 'continue' } | { kind: 'return'; value: Known };

const spent = new WeakMap<Resolver, number>();

/**
 * The text that a call gives, where it follows from the program alone: decoders of texts and lists of numbers, and the
 * methods of texts and lists. Only pure code is evaluated, by this reader, in bounded steps; nothing is run.
 * @returns null when anything in it is unknown.
 */
export function evaluateText(node: AnyNode, scope: Scope, resolver: Resolver): Folded | null {
  if (node.type !== 'CallExpression' && node.type !== 'MemberExpression') return null;
  if (!mayBeKnown(node, scope)) return null;
  const evaluation = new Evaluation(resolver);
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

/** The first look: most calls are of functions that are not pure, and of methods that are none of a text or list. */
function mayBeKnown(node: AnyNode, scope: Scope): boolean {
  if (node.type !== 'CallExpression') return true;
  const { callee } = node;
  if (callee.type === 'MemberExpression') {
    if (isUnknown(callee.object as AnyNode, scope)) return false;
    return (
      callee.computed ||
      callee.property.type !== 'Identifier' ||
      isKnownMethod(callee.property.name) ||
      isOwn(callee.object as AnyNode, scope)
    );
  }
  return callee.type !== 'Identifier' || isOwn(callee, scope) || isBuiltinName(callee.name);
}

/** Whether an object is a name without a value, such as a parameter that no call gives one. */
function isUnknown(node: AnyNode, scope: Scope): boolean {
  if (node.type === 'ThisExpression') return true;
  if (node.type !== 'Identifier') return false;
  const binding = scope.lookup(node.name);
  return binding?.kind === 'variable' && binding.values.length === 0 && binding.members === null;
}

function isOwn(node: AnyNode, scope: Scope): boolean {
  const binding = node.type === 'Identifier' ? scope.lookup(node.name) : null;
  return binding?.kind === 'variable' && binding.values.length > 0;
}

class Evaluation {
  steps = 0;
  /** Whether a text was taken apart or put together in a way that keeps it from being read. */
  decodes = false;
  #depth = 0;
  readonly #resolver: Resolver;
  readonly #stepsMax: number;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
    this.#stepsMax = Math.min(stepsMax, programStepsMax - (spent.get(resolver) ?? 0));
  }

  value(node: AnyNode, frame: Frame): Known {
    if ((this.steps += 1) > this.#stepsMax || this.#depth > depthMax) throw unknown;
    this.#depth += 1;
    const value = this.#valueOf(node, frame);
    this.#depth -= 1;
    if (typeof value === 'string' || Array.isArray(value)) {
      if (value.length > textLengthMax) throw unknown;
    }
    return value;
  }

  #valueOf(node: AnyNode, frame: Frame): Known {
    switch (node.type) {
      case 'Literal':
        if ('regex' in node && node.regex) return simpleRegex(node.regex);
        return typeof node.value === 'bigint' || node.value instanceof RegExp
          ? fail()
          : (node.value as Known);
      case 'TemplateLiteral':
        return node.quasis
          .map(
            (quasi, i) =>
              (quasi.value.cooked ?? '') +
              (node.expressions[i] ? asText(this.value(node.expressions[i], frame)) : ''),
          )
          .join('');
      case 'Identifier':
        return this.#name(node, frame);
      case 'ArrayExpression':
        return node.elements.flatMap((element) => {
          if (element?.type !== 'SpreadElement') return [element ? this.value(element, frame) : undefined];
          return asList(this.value(element.argument, frame));
        });
      case 'ObjectExpression':
        return new Map(
          node.properties.map((property) =>
            property.type === 'Property' && !property.computed
              ? [keyName(property.key), this.value(property.value, frame)]
              : fail(),
          ),
        );
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return (...args) => this.#call(node, args, frame);
      case 'UnaryExpression':
        return unary(node.operator, this.value(node.argument, frame));
      case 'BinaryExpression':
        return binary(node.operator, this.value(node.left as AnyNode, frame), this.value(node.right, frame));
      case 'LogicalExpression': {
        const left = this.value(node.left, frame);
        const takesRight =
          node.operator === '&&'
            ? left
            : node.operator === '||'
              ? !left
              : left === null || left === undefined;
        return takesRight ? this.value(node.right, frame) : left;
      }
      case 'ConditionalExpression':
        return this.value(this.value(node.test, frame) ? node.consequent : node.alternate, frame);
      case 'SequenceExpression':
        return node.expressions.map((expression) => this.value(expression, frame)).at(-1);
      case 'AssignmentExpression': {
        const right = this.value(node.right, frame);
        if (node.operator === '=') return this.#assign(node.left, right, frame);
        const left = this.value(node.left as AnyNode, frame);
        return this.#assign(node.left, binary(node.operator.slice(0, -1), left, right), frame);
      }
      case 'UpdateExpression': {
        const before = Number(this.value(node.argument as AnyNode, frame));
        const after = this.#assign(node.argument, node.operator === '++' ? before + 1 : before - 1, frame);
        return node.prefix ? after : before;
      }
      case 'MemberExpression':
        return this.#member(node, frame);
      case 'CallExpression':
      case 'NewExpression':
        return this.#apply(node, frame);
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        return this.value(node.expression, frame);
      default:
        throw unknown;
    }
  }

  #name(node: AnyNode & { type: 'Identifier' }, frame: Frame): Known {
    const owner = frame.owner(node.name);
    if (owner) return owner.names.get(node.name);
    if (node.name === 'undefined') return undefined;
    return this.#origin(node, frame.scope);
  }

  /** The value of a name that the evaluated functions only read. */
  #origin(node: AnyNode, scope: Scope): Known {
    const binding = node.type === 'Identifier' ? scope.lookup(node.name) : null;
    if (binding?.kind === 'variable' && binding.parts.length > 0) throw unknown;
    const [origin, ...others] = this.#resolver.origins(node, scope);
    if (!origin || others.length > 0 || origin.path.length > 0 || origin.node === node) throw unknown;
    if (isFunction(origin.node)) {
      const fn = origin.node;
      return (...args) => this.#call(fn, args, new Frame(null, origin.scope));
    }
    return this.value(origin.node, new Frame(null, origin.scope));
  }

  #member(node: AnyNode & { type: 'MemberExpression' }, frame: Frame): Known {
    const key = node.computed
      ? this.value(node.property as AnyNode, frame)
      : keyName(node.property as AnyNode);
    const object = this.value(node.object as AnyNode, frame);
    if (object instanceof Map) return object.get(asText(key));
    if (typeof object !== 'string' && !Array.isArray(object) && !Buffer.isBuffer(object)) throw unknown;
    if (key === 'length') return object.length;
    return /^\d+$/.test(asText(key)) ? (object[Number(key)] as Known) : fail();
  }

  #apply(node: AnyNode & { type: 'CallExpression' | 'NewExpression' }, frame: Frame): Known {
    const callee = node.callee as AnyNode;
    const args = () =>
      (node.arguments as AnyNode[]).flatMap((argument) =>
        argument.type === 'SpreadElement'
          ? asList(this.value(argument.argument, frame))
          : [this.value(argument, frame)],
      );
    const isLocal = callee.type === 'Identifier' && frame.owner(callee.name) !== null;
    const name = isLocal ? null : this.#nameOf(callee, frame);
    if (name !== null) {
      const builtin = applyBuiltin(name, args);
      if (builtin) {
        this.decodes ||= builtin.decodes;
        return builtin.value;
      }
    }
    if (callee.type === 'MemberExpression') {
      const method = callee.computed
        ? this.value(callee.property as AnyNode, frame)
        : keyName(callee.property as AnyNode);
      const object = this.value(callee.object as AnyNode, frame);
      if (typeof object === 'function') {
        if (method === 'call') return object(...args().slice(1));
        if (method === 'apply') return object(...asList(args()[1]));
      }
      if (object instanceof Map) {
        const member = object.get(asText(method));
        return typeof member === 'function' ? member(...args()) : fail();
      }
      const of = args();
      this.decodes ||= isDecoding(asText(method), of);
      return applyMethod(object, asText(method), of);
    }
    const target = this.value(callee, frame);
    return typeof target === 'function' ? target(...args()) : fail();
  }

  /** The name of a function that is not the program's own. */
  #nameOf(callee: AnyNode, frame: Frame): string | null {
    if (callee.type !== 'Identifier' && callee.type !== 'MemberExpression') return null;
    let root: AnyNode = callee;
    while (root.type === 'MemberExpression') root = root.object as AnyNode;
    if (root.type === 'Identifier' && frame.owner(root.name)) return null;
    const [name, ...others] = this.#resolver.names(callee, frame.scope);
    return name === undefined || others.length > 0 ? null : name;
  }

  #call(fn: AnyNode, args: Known[], outer: Frame): Known {
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
      if (parameter.type === 'RestElement') this.#declare(parameter.argument, args.slice(index), frame);
      else this.#declare(parameter, args[index], frame);
    }
    if (body.type !== 'BlockStatement') return this.value(body, frame);
    const end = this.#run(body.body, frame.at(scopeWithin(body)));
    return end?.kind === 'return' ? end.value : undefined;
  }

  #declare(pattern: AnyNode, value: Known, frame: Frame): void {
    if (pattern.type === 'Identifier') frame.names.set(pattern.name, value);
    else if (pattern.type === 'AssignmentPattern')
      this.#declare(pattern.left, value === undefined ? this.value(pattern.right, frame) : value, frame);
    else if (pattern.type === 'ArrayPattern') {
      for (const [index, element] of pattern.elements.entries())
        if (element) this.#declare(element, asList(value)[index], frame);
    } else throw unknown;
  }

  #assign(target: AnyNode, value: Known, frame: Frame): Known {
    if (target.type === 'Identifier') {
      const owner = frame.owner(target.name);
      if (!owner) throw unknown;
      owner.names.set(target.name, value);
      return value;
    }
    if (target.type !== 'MemberExpression') throw unknown;
    const object = this.value(target.object as AnyNode, frame);
    const key = target.computed
      ? this.value(target.property as AnyNode, frame)
      : keyName(target.property as AnyNode);
    if (object instanceof Map) object.set(asText(key), value);
    else if (Array.isArray(object) && /^\d{1,6}$/.test(asText(key))) object[Number(key)] = value;
    else throw unknown;
    return value;
  }

  #run(statements: readonly AnyNode[], frame: Frame): End | null {
    for (const statement of statements) {
      if (statement.type === 'FunctionDeclaration' && statement.id)
        frame.names.set(statement.id.name, (...args) => this.#call(statement, args, frame));
    }
    for (const statement of statements) {
      const end = this.#statement(statement, frame);
      if (end) return end;
    }
    return null;
  }

  #statement(node: AnyNode, outer: Frame): End | null {
    if ((this.steps += 1) > this.#stepsMax) throw unknown;
    const frame = outer.at(scopeWithin(node));
    switch (node.type) {
      case 'VariableDeclaration':
        for (const { id, init } of node.declarations)
          this.#declare(id, init ? this.value(init, frame) : undefined, frame);
        return null;
      case 'ExpressionStatement':
        this.value(node.expression, frame);
        return null;
      case 'ReturnStatement':
        return { kind: 'return', value: node.argument ? this.value(node.argument, frame) : undefined };
      case 'BlockStatement':
        return this.#run(node.body, frame);
      case 'IfStatement': {
        const taken = this.value(node.test, frame) ? node.consequent : node.alternate;
        return taken ? this.#statement(taken, frame) : null;
      }
      case 'ForStatement':
        if (node.init?.type === 'VariableDeclaration') this.#statement(node.init, frame);
        else if (node.init) this.value(node.init, frame);
        return this.#loop(node.test ?? null, node.update ?? null, node.body, frame);
      case 'WhileStatement':
        return this.#loop(node.test, null, node.body, frame);
      case 'ForOfStatement': {
        const [declaration] = node.left.type === 'VariableDeclaration' ? node.left.declarations : [];
        for (const item of asList(this.value(node.right, frame))) {
          this.#declare(declaration?.id ?? (node.left as AnyNode), item, frame);
          const end = this.#statement(node.body, frame);
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

  #loop(test: AnyNode | null, update: AnyNode | null, body: AnyNode, frame: Frame): End | null {
    while (test === null || this.value(test, frame)) {
      const end = this.#statement(body, frame);
      if (end?.kind === 'return') return end;
      if (end?.kind === 'break') break;
      if (update) this.value(update, frame);
    }
    return null;
  }
}
