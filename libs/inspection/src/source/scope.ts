import type { AnyNode, CallExpression, NewExpression } from 'acorn';

/** The part `path` of what an expression gives in a scope. */
export interface Value {
  node: AnyNode;
  path: string[];
  scope: Scope;
}

/** A name of the program: it may be any of `values`, and is made of `parts` in ways that are not followed exactly. */
export interface Variable {
  kind: 'variable';
  values: Value[];
  /** Texts that are added to it, the list that a loop goes through, the call that a callback is given to. */
  parts: Value[];
  /** Arguments beyond `values` that a parameter is given: it is made of them, and they name nothing. */
  more: Value[] | null;
  /** Values of members that are assigned one by one: `name.member = value`. */
  members: Map<string, Value[]> | null;
}

export type Binding = Variable | { kind: 'import'; module: string; path: string[] };

/** A name that is written more often counts as any of its first values. */
const valuesMax = 4;
export const partsMax = 8;
/** Calls of one function; padding with harmless ones must not hide what another call gives it. */
const moreMax = 2_000;

export class Scope {
  readonly parent: Scope | null;
  /** The function that this is the scope of. */
  readonly fn: AnyNode | null;
  /** The class, object or function that `this` belongs to, where this scope changes it. */
  readonly #self: AnyNode | null;
  /** Of a function's scope: the expressions that it returns. */
  readonly returns: Value[] = [];
  #names: Map<string, Binding> | null = null;

  constructor(parent: Scope | null, fn: AnyNode | null = null, self: AnyNode | null = null) {
    this.parent = parent;
    this.fn = fn;
    this.#self = self;
  }

  declare(name: string, binding: Binding): void {
    (this.#names ??= new Map()).set(name, binding);
  }

  /** The variable of this name in this scope, declared here if it is not. */
  variable(name: string): Variable {
    const known = this.#names?.get(name);
    if (known?.kind === 'variable') return known;
    const variable: Variable = { kind: 'variable', values: [], parts: [], more: null, members: null };
    this.declare(name, variable);
    return variable;
  }

  lookup(name: string): Binding | null {
    const nearest = this.#names?.get(name);
    if (nearest) return nearest;
    for (let scope = this.parent; scope; scope = scope.parent) {
      const binding = scope.#names?.get(name);
      if (binding) return binding;
    }
    return null;
  }

  self(): AnyNode | null {
    return this.#self ?? this.parent?.self() ?? null;
  }
}

export type Call = CallExpression | NewExpression;

/** Kept at the node itself: a table of a million nodes takes most of the time of a bundle. */
export const innerScope = Symbol('inner scope');

/** Holds answers of a resolver. */
export const answers = Symbol('answers');

/** The scope that a function has within, or a block that declares names; null for any other node. */
export function scopeWithin(node: AnyNode): Scope | null {
  return (node as AnyNode & { [innerScope]?: Scope | null })[innerScope] ?? null;
}

export function setScopeWithin(node: AnyNode, scope: Scope): void {
  (node as AnyNode & { [innerScope]?: Scope | null })[innerScope] = scope;
}

/** A program's nodes in order of the source, each with its surroundings at the same position of the other lists. */
export interface ScopedNodes {
  nodes: AnyNode[];
  /** The scope that names in the node resolve in. */
  scopes: Scope[];
  parents: (AnyNode | null)[];
  calls: { node: Call; scope: Scope }[];
  /** By class, function or object: values of members that are assigned one by one. */
  members: Map<AnyNode, Map<string, Value[]>>;
}

/** All of what a node gives. */
export function own(node: AnyNode, scope: Scope): Value {
  return { node, path: [], scope };
}

export function addMember(members: Map<string, Value[]>, key: string, value: Value): void {
  const values = members.get(key) ?? [];
  addValue(values, value);
  members.set(key, values);
}

/** Gives a parameter the value of one more argument. */
export function addArgument(variable: Variable, value: Value): void {
  if (variable.values.length < valuesMax) variable.values.push(value);
  else if ((variable.more ??= []).length < moreMax) variable.more.push(value);
}

export function addValue(values: Value[], value: Value): void {
  if (values.length < valuesMax) values.push(value);
}
