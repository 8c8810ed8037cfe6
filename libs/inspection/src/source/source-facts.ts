import type { AnyNode, ForInStatement } from 'acorn';
import { codeOf } from './code-texts.ts';
import { ingredientsOf, type Ingredients } from './ingredients.ts';
import { joinName } from './names.ts';
import { keyOf } from './origins.ts';
import { parseSource } from './parse-source.ts';
import type { Folded, Resolver } from './resolution.ts';
import { createResolver } from './resolver.ts';
import { own, type Scope } from './scope.ts';
import { isFunction, readScopes } from './scopes.ts';
import { someNode } from './walk.ts';

/** One call or `new`, by the name that it resolves to. */
export interface CallFact {
  /** `child_process.exec`; `?` stands for an unknown part. */
  name: string;
  start: number;
  end: number;
  /** The argument's text where the code alone tells it. */
  text(index: number): Folded | null;
  /** All texts that an argument may be, for instance in a loop over a list of them. */
  textsOf(index: number): string[];
  /** The first argument and the list after it, as a command and its words. */
  command(): string;
  words(): (Folded | null)[];
  argument(index: number): AnyNode | undefined;
  /** Name of an argument, for instance `process.env`. */
  nameOfArgument(index: number): string | null;
  /** Whether an argument, or a part of one, fits. */
  someArgument(fits: NodeTest, isOpaque?: NodeTest): boolean;
  /** What its arguments, and the object that it is a method of, are made of; or one argument alone. */
  madeOf(index?: number): Ingredients;
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
  const { nodes, scopes, parents } = program;
  const resolver = createResolver(program);
  const facts: SourceFacts = { calls: [], texts: [], assignments: [], environment: [], loose: parsed.loose };
  for (let i = 0; i < nodes.length; i += 1)
    collect({ node: nodes[i]!, scope: scopes[i]!, parent: parents[i] ?? null }, facts, resolver);
  if (depth < innerDepthMax) addInnerCode(facts, depth);
  return facts;
}

/** What text does that is run as code, at the place of the call that runs it. */
function addInnerCode(facts: SourceFacts, depth: number): void {
  let codes = 0;
  for (const { start, end, ...call } of facts.calls.slice()) {
    const code = codeOf({ start, end, ...call });
    if (!code?.exact || code.text.length < innerLengthMin || (codes += 1) > innerCodesMax) continue;
    const inner = readSourceFacts(code.text, false, depth + 1);
    if (!inner || inner.loose) continue;
    facts.calls.push(...inner.calls.map((found) => ({ ...found, start, end })));
    facts.texts.push(...inner.texts.map((found) => ({ ...found, start })));
    facts.environment.push(...inner.environment.map((found) => ({ ...found, start })));
    facts.assignments.push(...inner.assignments.map((found) => ({ ...found, start })));
  }
}

/** A loop over all names that looks for some of them. */
function picks({ body }: ForInStatement): boolean {
  return someNode(
    body,
    ({ type }) => type === 'IfStatement' || type === 'ConditionalExpression' || type === 'LogicalExpression',
  );
}

interface Place {
  node: AnyNode;
  scope: Scope;
  parent: AnyNode | null;
}

function collect(place: Place, facts: SourceFacts, resolver: Resolver): void {
  const { node, scope, parent } = place;
  switch (node.type) {
    case 'CallExpression':
    case 'NewExpression':
    case 'ImportExpression':
    case 'ImportDeclaration':
    case 'TaggedTemplateExpression':
      collectCalls(place, facts, resolver);
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
      if (node.left.type === 'MemberExpression') {
        const key = keyOf(node.left, scope, resolver) ?? '?';
        for (const name of resolver.names(node.left.object as AnyNode, scope))
          facts.assignments.push({ name: joinName(name, [key]), start: node.start });
      }
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

/** A call as written, or one that another function makes of a function that it is given. */
interface Site {
  names: readonly string[];
  args: readonly AnyNode[];
  /** The object that the call is a method of. */
  object: AnyNode | null;
}

function collectCalls({ node, scope, parent }: Place, facts: SourceFacts, resolver: Resolver): void {
  addText(facts, node.type === 'CallExpression' ? resolver.text(node, scope) : null, node);
  for (const { names, args, object } of sitesOf(node, scope, resolver)) {
    const known = new Map<number | undefined, Ingredients>();
    const madeOf = (index?: number) => {
      let found = known.get(index);
      if (!found) {
        const all = [...args.filter((argument) => !isFunction(argument)), ...(object ? [object] : [])];
        const parts = index === undefined ? all : args.slice(index, index + 1);
        found = ingredientsOf(
          parts.map((part) => own(part, scope)),
          resolver,
        );
        known.set(index, found);
      }
      return found;
    };
    for (const name of names) {
      if (facts.calls.length >= factsMax) return;
      facts.calls.push({
        name,
        start: node.start,
        end: node.end,
        text: (index) => (args[index] ? resolver.text(args[index], scope) : null),
        textsOf: (index) => (args[index] ? possibleTexts(args[index], scope, resolver) : []),
        command: () =>
          wordsOf(args, scope, resolver)
            .map((word) => word?.text ?? '…')
            .join(' '),
        words: () => wordsOf(args, scope, resolver),
        argument: (index) => args[index],
        nameOfArgument: (index) => (args[index] ? (resolver.names(args[index], scope)[0] ?? null) : null),
        someArgument: (fits, isOpaque = () => false) => {
          const named = (test: NodeTest) => (inner: AnyNode) =>
            test(inner, resolver.names(inner, scope)[0] ?? null);
          return args.some((argument) => someNode(argument, named(fits), named(isOpaque)));
        },
        madeOf,
        isFiltered: isFiltered(parent),
      });
    }
  }
}

function sitesOf(node: AnyNode, scope: Scope, resolver: Resolver): Site[] {
  if (node.type === 'ImportExpression' || node.type === 'ImportDeclaration')
    return [{ names: ['import'], args: [node.source], object: null }];
  if (node.type === 'TaggedTemplateExpression')
    return [{ names: resolver.names(node.tag, scope), args: [node.quasi], object: null }];
  const { callee, arguments: args } = node as { callee: AnyNode; arguments: AnyNode[] } & AnyNode;
  const object = callee.type === 'MemberExpression' ? (callee.object as AnyNode) : null;
  const names = resolver.names(callee, scope);
  const site: Site = { names, args, object };
  const sites = [site];
  if (names.some((name) => name.endsWith('.call'))) sites.push(unwrapped(site, '.call', args.slice(1)));
  if (names.some((name) => name.endsWith('.apply')))
    sites.push(unwrapped(site, '.apply', elementsOf(args[1])));
  if (names.includes('Reflect.apply') || names.includes('Reflect.construct')) {
    const list = names.includes('Reflect.apply') ? args[2] : args[1];
    sites.push({
      names: args[0] ? resolver.names(args[0], scope) : [],
      args: elementsOf(list),
      object: null,
    });
  }
  for (const argument of args) {
    if (!mayBeGiven(argument, scope)) continue;
    const given = resolver.names(argument, scope).filter((name) => givenFunction.test(name));
    const others = args.flatMap((other) => (other === argument ? [] : [other, ...elementsOf(other)]));
    if (given.length > 0) sites.push({ names: given, args: others, object });
  }
  return sites;
}

/** Functions that are worth to be known when they are handed to another: `.then(eval)`. */
const givenFunction = /^(?:eval|Function|child_process\.\w+|vm\.\w+)$/;

/** A name that stands for each item of a list is not known, and its texts are those of its parts. */
function possibleTexts(node: AnyNode, scope: Scope, resolver: Resolver): string[] {
  const folded = resolver.text(node, scope);
  if (folded?.exact) return [folded.text];
  const { texts } = ingredientsOf([own(node, scope)], resolver);
  return [...(folded ? [folded.text] : []), ...texts];
}

function wordsOf([command, words]: readonly AnyNode[], scope: Scope, resolver: Resolver): (Folded | null)[] {
  const [list] = words ? resolver.origins(words, scope) : [];
  return [
    ...(command ? [resolver.text(command, scope)] : []),
    ...elementsOf(list?.node).map((word) => resolver.text(word, list!.scope)),
  ];
}

function mayBeGiven(argument: AnyNode, scope: Scope): boolean {
  if (argument.type === 'MemberExpression')
    return (
      argument.computed || (argument.property.type === 'Identifier' && givenName.test(argument.property.name))
    );
  if (argument.type !== 'Identifier') return false;
  const binding = scope.lookup(argument.name);
  return binding?.kind === 'variable'
    ? binding.values.some(
        ({ node }) =>
          node.type === 'Identifier' || node.type === 'MemberExpression' || node.type === 'CallExpression',
      )
    : givenName.test(argument.name) || binding?.kind === 'import';
}

const givenName = /^(?:eval|Function|constructor|exec\w*|spawn\w*|fork|run\w*|Script|compileFunction)$/;

function unwrapped({ names, object }: Site, suffix: string, args: readonly AnyNode[]): Site {
  const called = names.flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
  return { names: called, args, object };
}

function elementsOf(node: AnyNode | undefined): AnyNode[] {
  return node?.type === 'ArrayExpression' ? node.elements.filter((element) => element !== null) : [];
}

function isFiltered(parent: AnyNode | null): boolean {
  if (parent?.type !== 'MemberExpression' || parent.property.type !== 'Identifier') return false;
  return ['filter', 'find', 'some', 'includes'].includes(parent.property.name);
}
