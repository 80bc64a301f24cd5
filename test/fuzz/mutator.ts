/** One input made out of another: bits, bytes, runs, numbers at their edges, pieces of other inputs, and RLP that stays RLP. */
import { concatBytes } from '@noble/hashes/utils.js';

import { decodeRlpPrefix, encodeRlp, type RlpValue } from '../../src/io/wire/rlp.ts';
import type { Chance } from './chance.ts';

/** Bytes at which something changes: in RLP, in varints, in ASCII, in points. */
const EDGES = [0x00, 0x01, 0x04, 0x0f, 0x10, 0x37, 0x38, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf].concat(
  [0xc0, 0xc1, 0xf7, 0xf8, 0xfb, 0xff],
);

/** Most changes to one input; half of all inputs get one. */
const MAX_CHANGES = 6;

/** Longest run that is put in, taken out or written over, most of the time. */
const MAX_RUN_BYTES = 40;

export type Mutation = {
  readonly chance: Chance;
  readonly maxBytes: number;
  readonly words: readonly Uint8Array[];
  readonly isRlp: boolean;
  /** An input to borrow from. */
  readonly other: Uint8Array;
};

export function mutate(input: Uint8Array, mutation: Mutation): Uint8Array {
  const { chance, maxBytes, isRlp } = mutation;
  let changed = input;
  const changes = chance.below(2) === 0 ? 1 : 1 + chance.below(MAX_CHANGES);
  for (let left = changes; left > 0; left -= 1) {
    const reshaped = isRlp && chance.below(3) === 0 ? reshape(changed, mutation) : null;
    changed = (reshaped ?? chance.pick(CHANGES)(changed, mutation)).subarray(0, maxBytes);
  }
  return changed;
}

type Change = (input: Uint8Array, mutation: Mutation) => Uint8Array;

const flipBit: Change = (input, { chance }) => {
  if (input.length === 0) return input;
  const at = chance.below(input.length);
  return withByte(input, at, input[at]! ^ (1 << chance.below(8)));
};

const setByte: Change = (input, { chance }) => {
  const byte = chance.below(2) === 0 ? chance.pick(EDGES) : chance.below(256);
  return withByte(input, chance.below(input.length), byte);
};

const addToByte: Change = (input, { chance }) => {
  const at = chance.below(input.length);
  return withByte(input, at, (input[at] ?? 0) + chance.below(9) - 4);
};

const takeOut: Change = (input, { chance }) => {
  const at = chance.below(input.length);
  return concatBytes(input.subarray(0, at), input.subarray(at + runOf(chance)));
};

const cut: Change = (input, { chance }) => input.subarray(0, chance.below(input.length + 1));

const putIn: Change = (input, mutation) => {
  const at = mutation.chance.below(input.length + 1);
  return concatBytes(input.subarray(0, at), piece(mutation), input.subarray(at));
};

const writeOver: Change = (input, mutation) => {
  const at = mutation.chance.below(input.length + 1);
  const written = piece(mutation);
  return concatBytes(input.subarray(0, at), written, input.subarray(at + written.length));
};

const repeat: Change = (input, { chance, maxBytes }) => {
  const at = chance.below(input.length);
  const run = input.subarray(at, at + runOf(chance));
  const times = 1 + chance.below(chance.below(8) === 0 ? 200 : 4);
  const room = Math.max(0, Math.min(times, Math.floor(maxBytes / (run.length || 1))));
  return concatBytes(
    input.subarray(0, at),
    ...Array.from({ length: room }, () => run),
    input.subarray(at),
  );
};

const splice: Change = (input, { chance, other }) =>
  concatBytes(
    input.subarray(0, chance.below(input.length + 1)),
    other.subarray(chance.below(other.length + 1)),
  );

const CHANGES: readonly Change[] = [
  flipBit,
  setByte,
  addToByte,
  takeOut,
  cut,
  putIn,
  writeOver,
  repeat,
  splice,
];

function piece({ chance, words, other }: Mutation): Uint8Array {
  const kind = chance.below(4);
  if (kind === 0 && words.length > 0) return chance.pick(words);
  if (kind === 1) return other.subarray(chance.below(other.length + 1)).subarray(0, runOf(chance));
  if (kind === 2) return new Uint8Array(runOf(chance)).fill(chance.pick(EDGES));
  return chance.bytes(1 + chance.below(8));
}

const runOf = (chance: Chance): number => 1 + chance.below(MAX_RUN_BYTES);

function withByte(input: Uint8Array, at: number, byte: number): Uint8Array {
  if (input.length === 0) return input;
  const changed = new Uint8Array(input);
  changed[at] = byte;
  return changed;
}

/** Changes one item of the tree and encodes it again, so that the change is deeper than the first length. */
function reshape(input: Uint8Array, mutation: Mutation): Uint8Array | null {
  try {
    const { value, rest } = decodeRlpPrefix(input);
    return concatBytes(encodeRlp(changeItem(value, mutation)), rest);
  } catch {
    return null; // it is no RLP any more
  }
}

function changeItem(value: RlpValue, mutation: Mutation): RlpValue {
  const { chance } = mutation;
  if (value instanceof Uint8Array)
    return chance.below(6) === 0 ? [value] : chance.pick(CHANGES)(value, mutation);
  if (value.length === 0 || chance.below(4) === 0) return changeList(value, mutation);
  const at = chance.below(value.length);
  return value.map((item, index) => (index === at ? changeItem(item, mutation) : item));
}

function changeList(list: readonly RlpValue[], mutation: Mutation): RlpValue {
  const { chance } = mutation;
  const at = chance.below(list.length + 1);
  const item = list[at] ?? piece(mutation);
  switch (chance.below(4)) {
    case 0:
      return list.filter((_, index) => index !== at);
    case 1:
      return [...list.slice(0, at), ...Array(copiesOf(item, chance)).fill(item), ...list.slice(at)];
    case 2:
      return [...list.slice(0, at), [item], ...list.slice(at + 1)];
    default:
      return [...list.slice(0, at), piece(mutation), ...list.slice(at)];
  }
}

/** Many of what is small, more than any limit on items in a message of control. */
function copiesOf(item: RlpValue, chance: Chance): number {
  const isMany = item.length < 8 && chance.below(8) === 0;
  return 1 + chance.below(isMany ? 70 : 3);
}
