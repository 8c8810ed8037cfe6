import type { AnyNode } from 'acorn';
import { fold, nameOf, type Folded } from './resolver.ts';
import { parseSource } from './parse-source.ts';
import { readScopes, type Scope } from './scopes.ts';
import { someNode } from './walk.ts';

/** One call or `new`, by the name that it resolves to. */
export interface CallFact {
  /** `child_process.exec`; `?` stands for an unknown part. */
  name: string;
  start: number;
  end: number;
  /** The argument's text where the code alone tells it. */
  text(index: number): Folded | null;
  argument(index: number): AnyNode | undefined;
  /** Name of an argument, for instance `process.env`. */
  nameOfArgument(index: number): string | null;
  /** Whether an argument, or a part of one, fits. */
  someArgument(fits: NodeTest, isOpaque?: NodeTest): boolean;
  /** Only a part of its result is used: `Object.keys(…).filter(…)`. */
  isFiltered: boolean;
}

export type NodeTest = (node: AnyNode, name: string | null) => boolean;

export interface TextFact {
  text: string;
  start: number;
  /** Hidden behind an encoding, see Folded. */
  decoded: boolean;
}

export interface AssignmentFact {
  /** The target of the assignment, `XMLHttpRequest.prototype.open`. */
  name: string;
  start: number;
}

/** The behaviour of a JavaScript file, read from its text: no rule looks at the tree itself. */
export interface SourceFacts {
  calls: CallFact[];
  texts: TextFact[];
  assignments: AssignmentFact[];
  /** Reads of members of `process.env`, and loops over all of it. */
  environment: { name: string | null; start: number }[];
  /** True when the file is no valid JavaScript and this is a guess. */
  loose: boolean;
}

/** Beyond this a file is a bundle of which more facts tell nothing new. */
const factsMax = 200_000;

/**
 * @param isGuess true for a text that only may be JavaScript.
 * @returns null when the text is no JavaScript.
 */
export function readSourceFacts(text: string, isGuess = false): SourceFacts | null {
  const parsed = parseSource(text, isGuess);
  if (!parsed) return null;
  const { nodes, scopes, parents } = readScopes(parsed.program);
  const facts: SourceFacts = { calls: [], texts: [], assignments: [], environment: [], loose: parsed.loose };
  for (let i = 0; i < nodes.length; i += 1) collect(nodes[i]!, scopes[i]!, parents[i] ?? null, facts);
  return facts;
}

function collect(node: AnyNode, scope: Scope, parent: AnyNode | null, facts: SourceFacts): void {
  switch (node.type) {
    case 'CallExpression':
    case 'NewExpression':
    case 'ImportExpression':
      collectCall(node, scope, parent, facts);
      break;
    case 'Literal':
      if (typeof node.value === 'string' && node.value.length > 3) {
        facts.texts.push({ text: node.value, start: node.start, decoded: false });
      }
      break;
    case 'TemplateLiteral':
    case 'BinaryExpression': {
      const isPart = parent?.type === 'BinaryExpression' && parent.operator === '+';
      const folded = isPart ? null : fold(node, scope);
      if (folded && folded.text.length > 3) facts.texts.push({ ...folded, start: node.start });
      break;
    }
    case 'AssignmentExpression': {
      const name = node.left.type === 'MemberExpression' ? nameOf(node.left, scope) : null;
      if (name) facts.assignments.push({ name, start: node.start });
      break;
    }
    case 'ForInStatement':
      if (nameOf(node.right, scope) === 'process.env')
        facts.environment.push({ name: null, start: node.start });
      break;
    case 'MemberExpression': {
      const name = nameOf(node, scope);
      if (name?.startsWith('process.env.'))
        facts.environment.push({ name: name.slice(12), start: node.start });
    }
  }
}

function collectCall(node: AnyNode, scope: Scope, parent: AnyNode | null, facts: SourceFacts): void {
  const callee = node.type === 'ImportExpression' ? null : ((node as { callee?: AnyNode }).callee ?? null);
  const args =
    node.type === 'ImportExpression' ? [node.source] : (node as { arguments: AnyNode[] }).arguments;
  const folded = fold(node, scope);
  if (folded && folded.text.length > 3) facts.texts.push({ ...folded, start: node.start });
  const name = callee ? nameOf(callee, scope) : 'import';
  if (name === null || facts.calls.length >= factsMax) return;
  facts.calls.push({
    name,
    start: node.start,
    end: node.end,
    text: (index) => (args[index] ? fold(args[index], scope) : null),
    argument: (index) => args[index],
    nameOfArgument: (index) => (args[index] ? nameOf(args[index], scope) : null),
    someArgument: (fits, isOpaque = () => false) => {
      const named = (test: NodeTest) => (inner: AnyNode) => test(inner, nameOf(inner, scope));
      return args.some((argument) => someNode(argument, named(fits), named(isOpaque)));
    },
    isFiltered: isFiltered(parent),
  });
}

function isFiltered(parent: AnyNode | null): boolean {
  if (parent?.type !== 'MemberExpression' || parent.property.type !== 'Identifier') return false;
  return ['filter', 'find', 'some', 'includes'].includes(parent.property.name);
}
