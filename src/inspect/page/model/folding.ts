/** A long log in few lines: what repeats itself, alone or two by two, becomes one line with a count. */

export type Fold<Item> = {
  /** The one, or the two that take turns. */
  readonly items: readonly [Item] | readonly [Item, Item];
  /** Places in the log, from the first to the last that is folded in. */
  readonly first: number;
  readonly last: number;
  /** How often the one was there, or the two. */
  readonly times: number;
};

/** Two that take turns twice are folded; less is no repetition. */
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

/** How many items from here on are the same as the one so many places before. */
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
