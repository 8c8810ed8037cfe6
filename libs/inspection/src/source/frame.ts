import type { Known } from './known-values.ts';
import type { Scope } from './scope.ts';

/** Names inside of a function while it is evaluated. */
export class Frame {
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
