import type { AnyNode } from 'acorn';
import { ingredientsOf, type Ingredients } from './ingredients.ts';
import type { Folded, Resolver } from './resolution.ts';
import { own, type Scope } from './scope.ts';
import { isFunction } from './scopes.ts';
import { someNode } from './walk.ts';

export type NodeTest = (node: AnyNode, name: string | null) => boolean;

/** A call as written, or one that another function makes of a function that it is given. */
export interface CallPlace {
  args: readonly AnyNode[];
  /** The object that the call is a method of. */
  object: AnyNode | null;
  scope: Scope;
  resolver: Resolver;
  /** Only a part of its result is used: `Object.keys(…).filter(…)`. */
  isFiltered: boolean;
  /** Answers that were given, by index of the argument; -1 stands for all. */
  made: Map<number, Ingredients> | null;
}

/**
 * One call or `new`, by the name that it resolves to. Bundles have a hundred thousand, of which rules look at a few:
 * everything but the name is found when it is asked for.
 */
export class CallFact {
  /** `child_process.exec`; `?` stands for an unknown part. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly #place: CallPlace;

  constructor(name: string, start: number, end: number, place: CallPlace) {
    this.name = name;
    this.start = start;
    this.end = end;
    this.#place = place;
  }

  /** The same call at another place: that of the call which runs its code. */
  movedTo(start: number, end: number): CallFact {
    return new CallFact(this.name, start, end, this.#place);
  }

  get isFiltered(): boolean {
    return this.#place.isFiltered;
  }

  argument(index: number): AnyNode | undefined {
    return this.#place.args[index];
  }

  /** The argument's text where the code alone tells it. */
  text(index: number): Folded | null {
    const { args, scope, resolver } = this.#place;
    return args[index] ? resolver.text(args[index], scope) : null;
  }

  /** All texts that an argument may be, for instance in a loop over a list of them. */
  textsOf(index: number): string[] {
    const { args, scope, resolver } = this.#place;
    const argument = args[index];
    if (!argument) return [];
    const folded = resolver.text(argument, scope);
    if (folded?.exact) return [folded.text];
    // A name that stands for each item of a list is not known, and its texts are those of its parts.
    const { texts } = ingredientsOf([own(argument, scope)], resolver);
    return [...(folded ? [folded.text] : []), ...texts];
  }

  /** The first argument and the list after it, as a command and its words. */
  command(): string {
    return this.words()
      .map((word) => word?.text ?? '…')
      .join(' ');
  }

  words(): (Folded | null)[] {
    const { args, scope, resolver } = this.#place;
    const [command, words] = args;
    const [list] = words ? resolver.origins(words, scope) : [];
    return [
      ...(command ? [resolver.text(command, scope)] : []),
      ...elementsOf(list?.node).map((word) => resolver.text(word, list!.scope)),
    ];
  }

  /** Name of an argument, for instance `process.env`. */
  nameOfArgument(index: number): string | null {
    const { args, scope, resolver } = this.#place;
    return args[index] ? (resolver.names(args[index], scope)[0] ?? null) : null;
  }

  /** Whether an argument, or a part of one, fits. */
  someArgument(fits: NodeTest, isOpaque: NodeTest = () => false): boolean {
    const { args, scope, resolver } = this.#place;
    const named = (test: NodeTest) => (inner: AnyNode) =>
      test(inner, resolver.names(inner, scope)[0] ?? null);
    return args.some((argument) => someNode(argument, named(fits), named(isOpaque)));
  }

  /** What its arguments, and the object that it is a method of, are made of; or one argument alone. */
  madeOf(index?: number): Ingredients {
    const place = this.#place;
    const made = (place.made ??= new Map<number, Ingredients>());
    let found = made.get(index ?? -1);
    if (!found) {
      const { args, object, scope, resolver } = place;
      const all = [...args.filter((argument) => !isFunction(argument)), ...(object ? [object] : [])];
      const parts = index === undefined ? all : args.slice(index, index + 1);
      found = ingredientsOf(
        parts.map((part) => own(part, scope)),
        resolver,
      );
      made.set(index ?? -1, found);
    }
    return found;
  }
}

/** The elements of a list that the code spells out. */
export function elementsOf(node: AnyNode | undefined): AnyNode[] {
  return node?.type === 'ArrayExpression' ? node.elements.filter((element) => element !== null) : [];
}
