/** Reduces a failing list of items to the items that the failure needs. */

/** Attempts after which the shortest list so far is returned. Our choice. */
export const MAX_SHRINK_ATTEMPTS = 500;

/**
 * Removes large parts first, then smaller ones, then single items until no removal succeeds.
 * @param fails True when a list still fails. `items` must fail, and the same list must always give the same result.
 * @returns The remaining items in order. No single one can be removed, unless `MAX_SHRINK_ATTEMPTS` was reached.
 * @throws Errors of `fails`.
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
  }
  return left;
}
