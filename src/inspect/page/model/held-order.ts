/** Keeps rows in place while the pointer is over them; new rows wait until it leaves. */

export type HeldRows<Row> = {
  readonly rows: readonly Row[];
  /** New rows that wait. */
  readonly waiting: number;
};

/**
 * @param held The rows as they were shown last; null for no held order. One that is gone stays where it was.
 * @param renew The present form of a row that is gone, if it has one.
 */
export function inHeldOrder<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  held: readonly Row[] | null,
  renew: (key: string) => Row | undefined = () => undefined,
): HeldRows<Row> {
  if (!held) return { rows, waiting: 0 };
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  let known = 0;
  const kept = held.map((row) => {
    const key = keyOf(row);
    const now = byKey.get(key);
    if (now !== undefined) known += 1;
    return now ?? renew(key) ?? row;
  });
  return { rows: kept, waiting: rows.length - known };
}
