import type { AnyNode } from 'acorn';

/** By type of node, the fields that can hold nodes; acorn gives all nodes of a type the same fields. */
const fields = new Map<string, string[]>();
const plainFields = new Set([
  'type',
  'start',
  'end',
  'name',
  'raw',
  'operator',
  'kind',
  'computed',
  'sourceType',
]);

/** Puts the nodes directly below a node onto a stack, the first of them on top. */
export function pushChildren(node: AnyNode, stack: AnyNode[]): void {
  let keys = fields.get(node.type);
  if (!keys)
    fields.set(
      node.type,
      (keys = Object.keys(node)
        .filter((key) => !plainFields.has(key))
        .toReversed()),
    );
  for (const key of keys) {
    const value = (node as unknown as Record<string, unknown>)[key];
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      if (isNode(value)) stack.push(value);
      continue;
    }
    for (let i = value.length - 1; i >= 0; i -= 1) if (isNode(value[i])) stack.push(value[i]);
  }
}

const someNodesMax = 2_000;

/**
 * Whether a node or one below it fits. Without recursion, since hostile code nests as deep as it likes, and bounded,
 * since it is asked of many nodes.
 * @param isOpaque nodes below which nothing counts.
 */
export function someNode(
  root: AnyNode,
  fits: (node: AnyNode) => boolean,
  isOpaque: (node: AnyNode) => boolean = () => false,
): boolean {
  const stack = [root];
  for (let visited = 0; stack.length > 0 && visited < someNodesMax; visited += 1) {
    const node = stack.pop()!;
    if (fits(node)) return true;
    if (!isOpaque(node)) pushChildren(node, stack);
  }
  return false;
}

function isNode(value: unknown): value is AnyNode {
  return typeof (value as AnyNode | null | undefined)?.type === 'string';
}
