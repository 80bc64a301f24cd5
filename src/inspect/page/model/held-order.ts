/** A list that does not move under the pointer: what is new waits until nobody points at it. */

/** @param held Keys in the order they are to stay in; null lets everything in. */
export function inHeldOrder<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  held: readonly string[] | null,
): readonly Row[] {
  if (!held) return rows;
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return held.flatMap((key) => byKey.get(key) ?? []);
}
