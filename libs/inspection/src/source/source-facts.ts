import type { AnyNode, ForInStatement } from 'acorn';
import type { CallFact } from './call-fact.ts';
import { codeOf } from './code-texts.ts';
import { callsOf } from './collect-calls.ts';
import { joinName } from './names.ts';
import { keyOf } from './origins.ts';
import { parseSource } from './parse-source.ts';
import type { Folded, Resolver } from './resolution.ts';
import { createResolver } from './resolver.ts';
import type { Scope, ScopedNodes } from './scope.ts';
import { readScopes } from './scopes.ts';
import { someNode } from './walk.ts';

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
  /** Found when they are asked for: a bundle has tens of thousands, and hardly any rule asks. */
  assignments: () => readonly AssignmentFact[];
  /** Reads of members of `process.env`, and loops over all of it. */
  environment: { name: string | null; start: number; isFiltered?: boolean }[];
  /** True when the file is no valid JavaScript and this is a guess. */
  loose: boolean;
}

/** Beyond this a file is a bundle of which more facts tell nothing new. */
const factsMax = 200_000;

/** Code in code is read this deep, this much of it in a file. */
const innerDepthMax = 2;
const innerCodesMax = 8;
/** Shorter code does nothing that matters. */
const innerLengthMin = 12;

/**
 * @param isGuess true for a text that only may be JavaScript.
 * @returns null when the text is no JavaScript.
 */
export function readSourceFacts(text: string, isGuess = false, depth = 0): SourceFacts | null {
  const parsed = parseSource(text, isGuess);
  if (!parsed) return null;
  const program = readScopes(parsed.program);
  const resolver = createResolver(program);
  const inner: InnerCode[] = [];
  let assignments: AssignmentFact[] | null = null;
  const facts: SourceFacts = {
    calls: [],
    texts: [],
    assignments: () =>
      (assignments ??= [
        ...assignmentsOf(program, resolver),
        ...inner.flatMap(({ code, start }) => code.assignments().map((found) => ({ ...found, start }))),
      ]),
    environment: [],
    loose: parsed.loose,
  };
  for (let index = 0; index < program.nodes.length; index += 1) collect(program, index, facts, resolver);
  if (depth < innerDepthMax) inner.push(...addInnerCode(facts, depth));
  return facts;
}

interface InnerCode {
  code: SourceFacts;
  /** Place of the call that runs it. */
  start: number;
}

/** What text does that is run as code, at the place of the call that runs it. */
function addInnerCode(facts: SourceFacts, depth: number): InnerCode[] {
  const found: InnerCode[] = [];
  let codes = 0;
  for (const call of facts.calls.slice()) {
    const { start, end } = call;
    const text = codeOf(call);
    if (!text?.exact || text.text.length < innerLengthMin || (codes += 1) > innerCodesMax) continue;
    const code = readSourceFacts(text.text, false, depth + 1);
    if (!code || code.loose) continue;
    found.push({ code, start });
    facts.calls.push(...code.calls.map((inner) => inner.movedTo(start, end)));
    facts.texts.push(...code.texts.map((inner) => ({ ...inner, start })));
    facts.environment.push(...code.environment.map((inner) => ({ ...inner, start })));
  }
  return found;
}

/** Assignments to members, by the names of their targets. */
function assignmentsOf({ nodes, scopes }: ScopedNodes, resolver: Resolver): AssignmentFact[] {
  return nodes.flatMap((node, index) => {
    if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return [];
    const scope = scopes[index]!;
    const key = keyOf(node.left, scope, resolver) ?? '?';
    const names = resolver.names(node.left.object as AnyNode, scope);
    return names.map((name) => ({ name: joinName(name, [key]), start: node.start }));
  });
}

/** A loop over all names that looks for some of them. */
function picks({ body }: ForInStatement): boolean {
  return someNode(
    body,
    ({ type }) => type === 'IfStatement' || type === 'ConditionalExpression' || type === 'LogicalExpression',
  );
}

function collect(
  { nodes, scopes, parents }: ScopedNodes,
  index: number,
  facts: SourceFacts,
  resolver: Resolver,
): void {
  const node = nodes[index]!;
  const scope = scopes[index]!;
  const parent = parents[index] ?? null;
  switch (node.type) {
    case 'CallExpression':
    case 'NewExpression':
    case 'ImportExpression':
    case 'ImportDeclaration':
    case 'TaggedTemplateExpression':
      addText(facts, node.type === 'CallExpression' ? resolver.text(node, scope) : null, node);
      // A call that another is a method of comes two nodes after that.
      if (facts.calls.length < factsMax)
        facts.calls.push(...callsOf(node, scope, { parent, outer: nodes[index - 2] ?? null }, resolver));
      break;
    case 'Literal':
      if (typeof node.value === 'string') addText(facts, { text: node.value, decoded: false }, node);
      break;
    case 'TemplateLiteral':
    case 'BinaryExpression': {
      const isPart = parent?.type === 'BinaryExpression' && parent.operator === '+';
      if (!isPart) addText(facts, resolver.text(node, scope), node);
      break;
    }
    case 'AssignmentExpression':
      if (node.operator === '+=') addText(facts, resolver.text(node.left as AnyNode, scope), node);
      break;
    case 'ForInStatement':
      if (resolver.names(node.right, scope).includes('process.env'))
        facts.environment.push({ name: null, start: node.start, isFiltered: picks(node) });
      break;
    case 'MemberExpression':
      if (!mayBeEnvironment(node.object as AnyNode, scope)) break;
      for (const name of resolver.names(node, scope)) {
        if (name.startsWith('process.env.'))
          facts.environment.push({ name: name.slice(12), start: node.start });
      }
  }
}

/** The first look at what may be `process.env`, which most objects are not. */
function mayBeEnvironment(object: AnyNode, scope: Scope): boolean {
  if (object.type === 'MemberExpression')
    return object.computed || (object.property.type === 'Identifier' && object.property.name === 'env');
  if (object.type !== 'Identifier') return true;
  const binding = scope.lookup(object.name);
  if (binding?.kind !== 'variable') return binding?.kind === 'import';
  return binding.values.some(
    ({ node, path }) => path.at(-1) === 'env' || /^(?:Identifier|Member|Logical|Conditional)/.test(node.type),
  );
}

function addText(
  facts: SourceFacts,
  folded: Pick<Folded, 'text' | 'decoded'> | null,
  { start }: AnyNode,
): void {
  if (folded && folded.text.length > 3)
    facts.texts.push({ text: folded.text, decoded: folded.decoded, start });
}
