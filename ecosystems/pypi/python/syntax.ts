import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';

export type { SyntaxNode };

/** A file of Python with its tree. Broken code has one, too, with errors in it. */
export interface PythonSource {
  text: string;
  root: SyntaxNode;
}

export function parsePython(text: string): PythonSource {
  return { text, root: parser.parse(text).topNode };
}

export function textOfNode({ text }: PythonSource, { from, to }: SyntaxNode): string {
  return text.slice(from, to);
}

/** Marks between the parts of a construct are no parts. */
const marks = /^[(){}[\],.:;*@=]$|^(?:AssignOp|UpdateOp|as|\*\*)$/;

/** The parts of a node. */
export function partsOf(node: SyntaxNode): SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (!marks.test(child.name) && child.name !== 'Comment') parts.push(child);
  }
  return parts;
}

export interface CallArguments {
  positional: SyntaxNode[];
  keywords: Map<string, SyntaxNode>;
}

/** The arguments of a call; those behind stars count as positional. */
export function argumentsOf(source: PythonSource, call: SyntaxNode): CallArguments {
  const positional: SyntaxNode[] = [];
  const keywords = new Map<string, SyntaxNode>();
  const list = call.getChild('ArgList');
  let child = list?.firstChild ?? null;
  while (child) {
    const value = child.nextSibling?.name === 'AssignOp' ? child.nextSibling.nextSibling : null;
    if (value && child.name === 'VariableName') {
      keywords.set(textOfNode(source, child), value);
      child = value.nextSibling;
      continue;
    }
    if (!marks.test(child.name) && child.name !== 'Comment') positional.push(child);
    child = child.nextSibling;
  }
  return { positional, keywords };
}

/** The object and the property of `a.b`; null for a subscript and for other nodes. */
export function memberOf(
  source: PythonSource,
  node: SyntaxNode,
): { object: SyntaxNode; property: string } | null {
  const property = node.name === 'MemberExpression' ? node.lastChild : null;
  if (property?.name !== 'PropertyName' || !node.firstChild) return null;
  return { object: node.firstChild, property: textOfNode(source, property) };
}

/** The object and what stands in the brackets of `a[b]`; null for other nodes. */
export function subscriptOf(
  node: SyntaxNode,
): { object: SyntaxNode; index: SyntaxNode[]; isSlice: boolean } | null {
  if (node.name !== 'MemberExpression' || node.lastChild?.name !== ']' || !node.firstChild) return null;
  const index: SyntaxNode[] = [];
  let isSlice = false;
  let isInside = false;
  for (let child = node.firstChild.nextSibling; child; child = child.nextSibling) {
    if (child.name === '[') isInside = true;
    else if (child.name === ':') isSlice = true;
    else if (isInside && child.name !== ']') index.push(child);
  }
  return { object: node.firstChild, index, isSlice };
}
