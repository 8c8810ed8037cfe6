import type { AnyNode } from 'acorn';
import type { Scope, ScopedNodes, Value } from './scopes.ts';

/** A text that is known without running the code; `exact` is false where parts of it are unknown (`…`). */
export interface Folded {
  text: string;
  exact: boolean;
  /** True when it was hidden behind base64, hex, character codes, reversal or the like. */
  decoded: boolean;
}

/** Answers about the expressions of one program. All work is bounded; beyond the bounds nothing is known. */
export interface Resolver {
  readonly program: ScopedNodes;
  /**
   * The names that an expression may go by, through imports, destructuring, aliases, arguments and members:
   * `child_process.exec` for `run` after `const { exec: run } = require('child_process')`. `()` marks the result of a
   * call, `?` an unknown part. Empty when nothing is known.
   */
  names(node: AnyNode, scope: Scope): readonly string[];
  /** The text of an expression as far as it follows from the code alone; null when nothing of it does. */
  text(node: AnyNode, scope: Scope): Folded | null;
  /** The expressions that an expression may stand for, followed as far as possible. Never empty. */
  origins(node: AnyNode, scope: Scope): readonly Value[];
  /** A member of such an expression. Never empty. */
  member(value: Value, key: string): readonly Value[];
  /** Counts a step of work; false when there have been too many. */
  spend(): boolean;
}

export const textLengthMax = 200_000;

export const plain = (text: string): Folded => ({ text, exact: true, decoded: false });
