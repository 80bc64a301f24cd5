/** Folds repetitions of one item, or of two in turn, into one line with a count. */

export type Fold<Item> = {
  /** The repeated item, or the two that alternate. */
  readonly items: readonly [Item] | readonly [Item, Item];
  /** First and last index in the log. */
  readonly first: number;
  readonly last: number;
  /** Number of repetitions of the item, or of the pair. */
  readonly times: number;
};

/** Least repetitions of a pair that are folded. */
const LEAST_TURNS = 2;

export function fold<Item>(
  log: readonly Item[],
  isSame: (one: Item, other: Item) => boolean,
): readonly Fold<Item>[] {
  const folds: Fold<Item>[] = [];
  let place = 0;
  while (place < log.length) {
    const alone = runOf(log, place, 1, isSame);
    const turns = alone > 1 ? 0 : Math.floor(runOf(log, place, 2, isSame) / 2);
    const isPair = turns >= LEAST_TURNS;
    const length = isPair ? turns * 2 : alone;
    folds.push({
      items: isPair ? [log[place]!, log[place + 1]!] : [log[place]!],
      first: place,
      last: place + length - 1,
      times: isPair ? turns : alone,
    });
    place += length;
  }
  return folds;
}

/** Length of the run from here in which each item equals the one `period` places before. */
function runOf<Item>(
  log: readonly Item[],
  from: number,
  period: number,
  isSame: (one: Item, other: Item) => boolean,
): number {
  let length = period;
  while (from + length < log.length && isSame(log[from + length]!, log[from + length - period]!))
    length += 1;
  return Math.min(length, log.length - from);
}
