import type { AnyNode } from 'acorn';
import { bindArguments } from './call-sites.ts';
import { evaluateText } from './evaluate.ts';
import { foldText } from './fold-text.ts';
import { namesOf } from './names.ts';
import { memberOf, originsOf } from './origins.ts';
import type { Folded, Resolver } from './resolution.ts';
import { answers, own, type Scope, type ScopedNodes, type Value } from './scope.ts';

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

/** What is known of one node. Kept at the node itself, as its scope is. */
interface Known {
  owner: Resolver;
  names: readonly string[] | undefined;
  text: Folded | null | undefined;
  origins: readonly Value[] | undefined;
  members: Map<string, readonly Value[]> | undefined;
}

class Resolution implements Resolver {
  readonly program: ScopedNodes;
  #depth = 0;
  #steps = 0;

  constructor(program: ScopedNodes) {
    this.program = program;
  }

  names(node: AnyNode, scope: Scope): readonly string[] {
    const known = this.#known(node);
    if (known.names !== undefined) return known.names;
    if (!this.#enter()) return [];
    // An expression that is met again while it is being resolved depends on itself, and is unknown there.
    known.names = [];
    known.names = namesOf(node, scope, this);
    this.#depth -= 1;
    return known.names;
  }

  text(node: AnyNode, scope: Scope): Folded | null {
    const known = this.#known(node);
    if (known.text !== undefined) return known.text;
    if (!this.#enter()) return null;
    known.text = null;
    const folded = foldText(node, scope, this);
    known.text = folded?.exact ? folded : (evaluateText(node, scope, this) ?? folded);
    this.#depth -= 1;
    return known.text;
  }

  origins(node: AnyNode, scope: Scope): readonly Value[] {
    if (itself.has(node.type)) return [own(node, scope)];
    const known = this.#known(node);
    if (known.origins !== undefined) return known.origins;
    if (!this.#enter()) return [own(node, scope)];
    known.origins = [own(node, scope)];
    known.origins = originsOf(node, scope, this);
    this.#depth -= 1;
    return known.origins;
  }

  member(value: Value, key: string): readonly Value[] {
    const members = value.path.length > 0 ? null : (this.#known(value.node).members ??= new Map());
    const found = members?.get(key);
    if (found) return found;
    const beyond = [{ ...value, path: [...value.path, key] }];
    if (!members || !this.#enter()) return beyond;
    members.set(key, beyond);
    const resolved = memberOf(value, key, this);
    members.set(key, resolved);
    this.#depth -= 1;
    return resolved;
  }

  spend(): boolean {
    return (this.#steps += 1) <= stepsMax;
  }

  #enter(): boolean {
    if (this.#depth >= depthMax || !this.spend()) return false;
    this.#depth += 1;
    return true;
  }

  #known(node: AnyNode): Known {
    const holder = node as AnyNode & { [answers]?: Known | null };
    let known = holder[answers];
    if (known?.owner !== this) {
      known = { owner: this, names: undefined, text: undefined, origins: undefined, members: undefined };
      holder[answers] = known;
    }
    return known;
  }
}
