import type { AnyNode } from 'acorn';
import { bindArguments } from './call-sites.ts';
import { evaluateText } from './evaluate.ts';
import { foldText } from './fold-text.ts';
import { namesOf } from './names.ts';
import { memberOf, originsOf } from './origins.ts';
import type { Folded, Resolver } from './resolution.ts';
import { own, type Scope, type ScopedNodes, type Value } from './scopes.ts';

/** Names and constants resolve through this many steps; real code needs a dozen. */
const depthMax = 48;
/** Of one program. A bundle of 1.5 MB takes a tenth of it. */
const stepsMax = 5_000_000;

/** Expressions that stand for nothing but themselves. */
const itself = new Set([
  'ArrayExpression',
  'ArrowFunctionExpression',
  'BinaryExpression',
  'ClassExpression',
  'FunctionExpression',
  'Literal',
  'ObjectExpression',
  'TemplateLiteral',
  'ThisExpression',
]);

/** Resolves the expressions of a program. Each is resolved once and remembered: constants made of each other would else take exponential time. */
export function createResolver(program: ScopedNodes): Resolver {
  // Arguments give values to parameters, so nothing that was resolved before is kept.
  bindArguments(program, () => new Resolution(program));
  return new Resolution(program);
}

class Resolution implements Resolver {
  readonly program: ScopedNodes;
  readonly #names = new Map<AnyNode, readonly string[]>();
  readonly #texts = new Map<AnyNode, Folded | null>();
  readonly #origins = new Map<AnyNode, readonly Value[]>();
  readonly #members = new Map<AnyNode, Map<string, readonly Value[]>>();
  #depth = 0;
  #steps = 0;

  constructor(program: ScopedNodes) {
    this.program = program;
  }

  names(node: AnyNode, scope: Scope): readonly string[] {
    return this.#once(this.#names, node, [], () => namesOf(node, scope, this));
  }

  text(node: AnyNode, scope: Scope): Folded | null {
    return this.#once(this.#texts, node, null, () => {
      const folded = foldText(node, scope, this);
      return folded?.exact ? folded : (evaluateText(node, scope, this) ?? folded);
    });
  }

  origins(node: AnyNode, scope: Scope): readonly Value[] {
    if (itself.has(node.type)) return [own(node, scope)];
    return this.#once(this.#origins, node, [own(node, scope)], () => originsOf(node, scope, this));
  }

  member(value: Value, key: string): readonly Value[] {
    const beyond = [{ ...value, path: [...value.path, key] }];
    if (value.path.length > 0) return beyond;
    let known = this.#members.get(value.node);
    if (!known) this.#members.set(value.node, (known = new Map()));
    return this.#once(known, key, beyond, () => memberOf(value, key, this));
  }

  spend(): boolean {
    return (this.#steps += 1) <= stepsMax;
  }

  /** An expression that is met again while it is being resolved depends on itself, and is unknown there. */
  #once<Key, T>(known: Map<Key, T>, key: Key, unknown: T, resolve: () => T): T {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (this.#depth >= depthMax || !this.spend()) return unknown;
    known.set(key, unknown);
    this.#depth += 1;
    const resolved = resolve();
    this.#depth -= 1;
    known.set(key, resolved);
    return resolved;
  }
}
