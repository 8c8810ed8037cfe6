/** Consecutive parts of a list, in its order, each of at most this many. */
export function slices<Item>(items: Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}
