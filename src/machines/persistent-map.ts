/**
 * Maps and sets that are values: a change makes a new one that shares all but one page with the one before, so that it
 * costs about the same at ten entries and at thousands. Iteration is in the order of insertion, as with `Map`.
 */

/** Keys are spread over pages; when these have more entries than this on average, there will be more pages. */
const MAX_MEAN_ENTRIES = 16;

/** How many times as many. Few pages are cheap to copy at each change, and small maps have one. */
const GROWTH = 8;

type Entry<Value> = {
  readonly key: string;
  readonly value: Value;
  /** Grows with each new key; a key that is set again keeps its own. */
  readonly order: number;
};

type Page<Value> = readonly Entry<Value>[];

type Parts<Value> = {
  readonly pages: readonly Page<Value>[];
  readonly size: number;
  readonly nextOrder: number;
  readonly labelsOf: LabelsOf<Value> | null;
  readonly counts: PersistentMap<number> | null;
};

/** What an entry is counted under. */
export type LabelsOf<Value> = (value: Value) => readonly string[];

export class PersistentMap<Value> implements ReadonlyMap<string, Value> {
  readonly #parts: Parts<Value>;
  /** In order; made at the first iteration. */
  #inOrder: readonly Entry<Value>[] | null = null;

  private constructor(parts: Parts<Value>) {
    this.#parts = parts;
  }

  /** With `labelsOf`, entries are counted by their labels: see {@link countLabelled}. */
  static from<Value>(
    entries: Iterable<readonly [string, Value]> = [],
    labelsOf: LabelsOf<Value> | null = null,
  ): PersistentMap<Value> {
    const counts = labelsOf && PersistentMap.from<number>();
    let map = new PersistentMap<Value>({ pages: [[]], size: 0, nextOrder: 0, labelsOf, counts });
    for (const [key, value] of entries) map = map.with(key, value);
    return map;
  }

  /** The same map, if it is one. */
  static of<Value>(map: ReadonlyMap<string, Value>): PersistentMap<Value> {
    return map instanceof PersistentMap ? map : PersistentMap.from(map);
  }

  get size(): number {
    return this.#parts.size;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value;
  }

  /** Where the key stands among the others: the greater, the later it was added. */
  orderOf(key: string): number | undefined {
    return this.#find(key)?.order;
  }

  with(key: string, value: Value): PersistentMap<Value> {
    const { nextOrder, size } = this.#parts;
    const known = this.#find(key);
    if (known && known.value === value) return this;
    const entry = { key, value, order: known?.order ?? nextOrder };
    return this.#replaced(key, known, entry, {
      size: known ? size : size + 1,
      nextOrder: nextOrder + 1,
    });
  }

  without(key: string): PersistentMap<Value> {
    const known = this.#find(key);
    if (!known) return this;
    return this.#replaced(key, known, null, { size: this.size - 1 });
  }

  /** @returns null when entries are not counted in this way. */
  keptCount(label: string, labelsOf: LabelsOf<Value>): number | null {
    const { counts, labelsOf: own } = this.#parts;
    return own === labelsOf ? (counts?.get(label) ?? 0) : null;
  }

  /** Faster than an iteration, which sorts after each change. */
  firstWhere(test: (value: Value) => boolean): Value | undefined {
    let first: Entry<Value> | undefined;
    for (const page of this.#parts.pages)
      for (const entry of page)
        if (test(entry.value) && (!first || entry.order < first.order)) first = entry;
    return first?.value;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const { key, value } of this.#sorted()) yield [key, value];
  }

  *keys(): MapIterator<string> {
    for (const { key } of this.#sorted()) yield key;
  }

  *values(): MapIterator<Value> {
    for (const { value } of this.#sorted()) yield value;
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(run: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const { key, value } of this.#sorted()) run(value, key, this);
  }

  #find(key: string): Entry<Value> | undefined {
    const { pages } = this.#parts;
    return pages[pageOf(key, pages.length)]?.find((entry) => entry.key === key);
  }

  #replaced(
    key: string,
    before: Entry<Value> | undefined,
    after: Entry<Value> | null,
    changes: Partial<Parts<Value>>,
  ): PersistentMap<Value> {
    const { labelsOf, counts } = this.#parts;
    const { size } = { ...this.#parts, ...changes };
    const enough = this.#parts.pages.length * MAX_MEAN_ENTRIES;
    const pages = size > enough ? spread(this.#parts.pages) : this.#parts.pages.slice();
    const number = pageOf(key, pages.length);
    const others = (pages[number] ?? []).filter((entry) => entry !== before);
    if (after) others.push(after);
    pages[number] = others;
    const recount =
      labelsOf &&
      counts &&
      recounted(
        recounted(counts, before ? labelsOf(before.value) : [], -1),
        after ? labelsOf(after.value) : [],
        1,
      );
    return new PersistentMap({ ...this.#parts, ...changes, pages, counts: recount });
  }

  #sorted(): readonly Entry<Value>[] {
    this.#inOrder ??= this.#parts.pages.flat().sort((a, b) => a.order - b.order);
    return this.#inOrder;
  }
}

export class PersistentSet implements ReadonlySet<string> {
  readonly #map: PersistentMap<true>;

  private constructor(map: PersistentMap<true>) {
    this.#map = map;
  }

  static from(ids: Iterable<string> = []): PersistentSet {
    return new PersistentSet(PersistentMap.from([...ids].map((id) => [id, true] as const)));
  }

  get size(): number {
    return this.#map.size;
  }

  has(id: string): boolean {
    return this.#map.has(id);
  }

  with(id: string): PersistentSet {
    return this.#kept(this.#map.with(id, true));
  }

  without(id: string): PersistentSet {
    return this.#kept(this.#map.without(id));
  }

  *entries(): SetIterator<[string, string]> {
    for (const id of this.#map.keys()) yield [id, id];
  }

  keys(): SetIterator<string> {
    return this.#map.keys();
  }

  values(): SetIterator<string> {
    return this.#map.keys();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.#map.keys();
  }

  forEach(run: (id: string, same: string, set: ReadonlySet<string>) => void): void {
    for (const id of this.#map.keys()) run(id, id, this);
  }

  #kept(map: PersistentMap<true>): PersistentSet {
    return map === this.#map ? this : new PersistentSet(map);
  }
}

/** Entries with this label: kept by a map that counts them with the same `labelsOf`, counted in any other one. */
export function countLabelled<Value>(
  map: ReadonlyMap<string, Value>,
  label: string,
  labelsOf: LabelsOf<Value>,
): number {
  const kept = map instanceof PersistentMap ? map.keptCount(label, labelsOf) : null;
  if (kept !== null) return kept;
  let count = 0;
  for (const value of map.values()) if (labelsOf(value).includes(label)) count += 1;
  return count;
}

/** The first value, in the order of insertion, for which `test` holds. */
export function firstWhere<Value>(
  map: ReadonlyMap<string, Value>,
  test: (value: Value) => boolean,
): Value | undefined {
  if (map instanceof PersistentMap) return (map as PersistentMap<Value>).firstWhere(test);
  for (const value of map.values()) if (test(value)) return value;
  return undefined;
}

function recounted(
  counts: PersistentMap<number>,
  labels: readonly string[],
  step: 1 | -1,
): PersistentMap<number> {
  let next = counts;
  for (const label of labels) {
    const count = (next.get(label) ?? 0) + step;
    next = count === 0 ? next.without(label) : next.with(label, count);
  }
  return next;
}

/** The same entries on more pages. */
function spread<Value>(pages: readonly Page<Value>[]): Page<Value>[] {
  const more: Entry<Value>[][] = Array.from({ length: GROWTH * pages.length }, () => []);
  for (const page of pages)
    for (const entry of page) more[pageOf(entry.key, more.length)]?.push(entry);
  return more;
}

/** FNV-1a of the last characters: ids differ in all of them. */
function pageOf(key: string, pages: number): number {
  if (pages === 1) return 0;
  let hash = 0x811c9dc5;
  for (let i = Math.max(0, key.length - 8); i < key.length; i += 1)
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % pages;
}
