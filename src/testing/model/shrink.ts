/** Leaves out of a list what a failure does not need. */

/** Attempts after which the shortest list so far is good enough. Ours. */
export const MAX_SHRINK_ATTEMPTS = 500;

/**
 * Leaves out large parts first, then smaller ones, and single items for as long as that helps; early ones first.
 * @param fails Tries a list; `items` itself is known to fail. The same list must always get the same answer.
 * @returns what is left, in its order. None of it can be left out, unless there were `MAX_SHRINK_ATTEMPTS`.
 */
export async function shortestFailing<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items;
  let attempts = 0;
  for (let size = items.length; size >= 1; ) {
    const before = left.length;
    for (let at = 0; at < left.length && attempts < MAX_SHRINK_ATTEMPTS; ) {
      const rest = [...left.slice(0, at), ...left.slice(at + size)];
      attempts += 1;
      if (await fails(rest)) left = rest;
      else at += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (left.length === before) break;
    if (attempts >= MAX_SHRINK_ATTEMPTS) break;
  }
  return left;
}
