/**
 * Distances between node ids: the exclusive or of both, as a number of 256 bits. Ids are 64 hex digits in lower case.
 * Source: devp2p/discv4.md, "Kademlia Table".
 */

const ID_DIGITS = 64;
const BITS_PER_DIGIT = 4;

/** Length of the exclusive or without its leading zero bits: 0 for equal ids, 256 when the first bits differ. */
export function logDistance(a: string, b: string): number {
  const at = firstDifference(a, b);
  if (at === ID_DIGITS) return 0;
  const leadingZeros = Math.clz32(digit(a, at) ^ digit(b, at)) - (32 - BITS_PER_DIGIT);
  return BITS_PER_DIGIT * (ID_DIGITS - at) - leadingZeros;
}

/** Negative when `a` is closer to `target` than `b`, positive when it is farther, 0 when both ids are the same. */
export function compareDistance(target: string, a: string, b: string): number {
  const at = firstDifference(a, b);
  if (at === ID_DIGITS) return 0;
  const wanted = digit(target, at);
  return (digit(a, at) ^ wanted) - (digit(b, at) ^ wanted);
}

/** The `count` items closest to `target`, closest first. */
export function closestOf<Item extends { readonly id: string }>(
  items: Iterable<Item>,
  target: string,
  count: number,
): readonly Item[] {
  const closest: Item[] = [];
  if (count <= 0) return closest;
  for (const item of items) {
    if (closest.length === count) {
      if (compareDistance(target, item.id, closest[count - 1]!.id) >= 0) continue;
      closest.pop();
    }
    let at = closest.length;
    while (at > 0 && compareDistance(target, item.id, closest[at - 1]!.id) < 0) at -= 1;
    closest.splice(at, 0, item);
  }
  return closest;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < ID_DIGITS && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

const ZERO = 0x30;
const NINE = 0x39;
/** From the code of "a" to 10. */
const LETTERS = 0x61 - 10;

function digit(id: string, at: number): number {
  const code = id.charCodeAt(at);
  return code - (code <= NINE ? ZERO : LETTERS);
}
