/** Keeps rows in place while the pointer is over them; new rows wait until it leaves. */

/** @param held Keys in the order to keep; null for no held order. */
export function inHeldOrder<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  held: readonly string[] | null,
): readonly Row[] {
  if (!held) return rows;
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return held.flatMap((key) => byKey.get(key) ?? []);
}
