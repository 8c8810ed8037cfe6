/** Functions that no rule starts from, some 30 kB of them. */
export const bundle = Array.from(
  { length: 120 },
  (_, index) => `function entry${index}(parent, child) {
  const depth = parent.depth + ${index};
  if (child === null || depth > 40) return { depth, entries: [] };
  const entries = child.list.map((one) => ({ ...one, depth, size: one.size * 2 }));
  for (const one of entries) one.parent = depth % 3 === 0 ? parent : child;
  return { depth, entries };
}`,
).join('\n');
