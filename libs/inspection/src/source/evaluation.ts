import type { AnyNode } from 'acorn';
import { callFunction } from './evaluate-function.ts';
import { Frame } from './frame.ts';
import {
  applyBuiltin,
  applyMethod,
  asList,
  asText,
  fail,
  isDecoding,
  unknown,
  type Known,
} from './known-values.ts';
import { binary, simpleRegex, unary } from './operators.ts';
import { keyName } from './patterns.ts';
import { textLengthMax, type Resolver } from './resolution.ts';
import type { Scope } from './scope.ts';
import { isFunction } from './scopes.ts';

const depthMax = 40;

/** One evaluation of an expression, in bounded steps. Throws `unknown` where a value does not follow from the program. */
export class Evaluation {
  steps = 0;
  /** Whether a text was taken apart or put together in a way that keeps it from being read. */
  decodes = false;
  #depth = 0;
  readonly #resolver: Resolver;
  readonly #stepsMax: number;

  constructor(resolver: Resolver, stepsMax: number) {
    this.#resolver = resolver;
    this.#stepsMax = stepsMax;
  }

  spend(): void {
    if ((this.steps += 1) > this.#stepsMax) throw unknown;
  }

  value(node: AnyNode, frame: Frame): Known {
    this.spend();
    if (this.#depth > depthMax) throw unknown;
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
        return (...args) => callFunction(this, node, args, frame);
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
        if (node.operator === '=') return this.assign(node.left, right, frame);
        const left = this.value(node.left as AnyNode, frame);
        return this.assign(node.left, binary(node.operator.slice(0, -1), left, right), frame);
      }
      case 'UpdateExpression': {
        const before = Number(this.value(node.argument as AnyNode, frame));
        const after = this.assign(node.argument, node.operator === '++' ? before + 1 : before - 1, frame);
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
      return (...args) => callFunction(this, fn, args, new Frame(null, origin.scope));
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

  /** Gives a name or a member a value. */
  assign(target: AnyNode, value: Known, frame: Frame): Known {
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
}
