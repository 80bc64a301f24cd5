/**
 * Keccak-f[1600] as a WebAssembly module, which has 64-bit integers and JavaScript has not. The module is written here,
 * instruction by instruction, and compiled when it is first needed. Buffering and padding are left to `running-keccak.ts`.
 */
import { keccakTables, RATE_BYTES } from './keccak-tables.ts';
import type { KeccakCore } from './running-keccak.ts';

/** Node's types have no WebAssembly without those of the browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly absorb: KeccakCore['absorb'];
    };
  };
};

/** One page of WebAssembly memory. */
const MEMORY_BYTES = 65_536;

const RATE_LANES = RATE_BYTES / 8;
const LANES = 25;
const { rotations, targets, roundConstants } = keccakTables();
/** The round constants are at the end of the memory. */
const CONSTANTS = MEMORY_BYTES - 8 * roundConstants.length;

type Code = readonly number[];

/** The instructions that are used. Source: WebAssembly core specification, 5.4. */
const I32 = 0x7f;
const I64 = 0x7e;
const NO_RESULT = 0x40;
const END: Code = [0x0b];
const LOOP: Code = [0x03, NO_RESULT];
const XOR: Code = [0x85];
const AND: Code = [0x83];
const OR: Code = [0x84];
const ROTATE_LEFT: Code = [0x89];
const ADD_I32: Code = [0x6a];
const SUBTRACT_I32: Code = [0x6b];
const IS_LESS_I32: Code = [0x49];
const repeatIf = (): Code => [0x0d, 0];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
/** Sets, and leaves the value on the stack. */
const tee = (local: number): Code => [0x22, local];
const i32 = (value: number): Code => [0x41, ...signed(value)];
const i64 = (value: number): Code => [0x42, ...signed(value)];
/** Without an alignment, which is a hint. */
const load = (offset: number): Code => [0x29, 0, ...unsigned(offset)];
const store = (offset: number): Code => [0x37, 0, ...unsigned(offset)];

/** Parameters and local variables of `absorb`. The lanes of a round and of the next one change places after each. */
const FROM = 0;
const TO = 1;
const INPUT = 2;
const BLOCKS = 3;
const ROUND = 4;
const FIRST_LANE = 5;
const lane = (index: number): number => FIRST_LANE + index;
const next = (index: number): number => lane(LANES + index);
const column = (x: number): number => lane(2 * LANES + (x % 5));
const mix = (x: number): number => lane(2 * LANES + 5 + (x % 5));
const moved = (x: number): number => lane(2 * LANES + 10 + (x % 5));
const LOCALS_I64 = 2 * LANES + 15;

const FIVE = [0, 1, 2, 3, 4];
const ALL_LANES = Array.from({ length: LANES }, (_, index) => index);

/** @throws When WebAssembly is not there or not allowed (`--jitless`, a content security policy). */
export function wasmKeccak(): KeccakCore {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const memory = new Uint8Array(exports.memory.buffer);
  const constants = new DataView(memory.buffer, CONSTANTS);
  for (const [round, constant] of roundConstants.entries())
    constants.setBigUint64(8 * round, constant, true);
  return { memory: memory.subarray(0, CONSTANTS), absorb: exports.absorb };
}

/** One function, `absorb`, and the memory that it works on. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const type = [0x60, ...list([[I32], [I32], [I32], [I32]]), ...list([])];
  const code = [
    ...list([
      [1, I32],
      [LOCALS_I64, I64],
    ]),
    ...absorbCode(),
    ...END,
  ];
  return Uint8Array.from([
    ...text('\0asm').slice(1), // the magic number has no length before it
    ...[1, 0, 0, 0],
    ...section(1, list([type])),
    ...section(3, list([[0]])),
    ...section(5, list([[0, MEMORY_BYTES / 65_536]])),
    ...section(
      7,
      list([
        [...text('memory'), 2, 0],
        [...text('absorb'), 0, 0],
      ]),
    ),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
}

/** See `KeccakCore.absorb`. The state is in local variables from the first block to the last. */
function absorbCode(): Code {
  return [
    ...ALL_LANES.flatMap((index) => [...get(FROM), ...load(8 * index), ...set(lane(index))]),
    ...invertSome(),
    ...LOOP,
    ...ALL_LANES.slice(0, RATE_LANES).flatMap((index) => [
      ...[...get(lane(index)), ...get(INPUT), ...load(8 * index), ...XOR],
      ...set(lane(index)),
    ]),
    ...[...i32(CONSTANTS), ...set(ROUND)],
    ...LOOP,
    ...roundCode(),
    ...[...get(ROUND), ...i32(8), ...ADD_I32, ...tee(ROUND)],
    ...[...i32(MEMORY_BYTES), ...IS_LESS_I32, ...repeatIf()],
    ...END,
    ...[...get(INPUT), ...i32(RATE_BYTES), ...ADD_I32, ...set(INPUT)],
    ...[...get(BLOCKS), ...i32(1), ...SUBTRACT_I32, ...tee(BLOCKS), ...repeatIf()],
    ...END,
    ...invertSome(),
    ...ALL_LANES.flatMap((index) => [...get(TO), ...get(lane(index)), ...store(8 * index)]),
  ];
}

/**
 * Steps θ, ρ with π, χ and ι, one row of the result after the other: its five lanes stay in registers. All of this is
 * a fifth faster on new versions of V8 than in the order of the standard.
 */
function roundCode(): Code {
  return [
    ...FIVE.flatMap((x) => [
      ...[...get(lane(x)), ...get(lane(x + 5)), ...XOR, ...get(lane(x + 10)), ...XOR],
      ...[...get(lane(x + 15)), ...XOR, ...get(lane(x + 20)), ...XOR, ...set(column(x))],
    ]),
    ...FIVE.flatMap((x) => [
      ...[...get(column(x + 4)), ...get(column(x + 1)), ...i64(1), ...ROTATE_LEFT, ...XOR],
      ...set(mix(x)),
    ]),
    ...FIVE.flatMap((y) => [
      ...FIVE.flatMap((x) => moveCode(targets.indexOf(x + 5 * y), x)),
      ...FIVE.flatMap((x) => [
        ...rowCode(CHI[y]![x]!, x),
        ...(x + y === 0 ? [...get(ROUND), ...load(0), ...XOR] : []),
        ...set(next(x + 5 * y)),
      ]),
    ]),
    ...ALL_LANES.flatMap((index) => [...get(next(index)), ...set(lane(index))]),
  ];
}

function moveCode(from: number, x: number): Code {
  const bits = rotations[from]!;
  return [
    ...[...get(lane(from)), ...get(mix(from % 5)), ...XOR],
    ...(bits > 0 ? [...i64(bits), ...ROTATE_LEFT] : []),
    ...set(moved(x)),
  ];
}

/**
 * Step χ is `a ^ (~b & c)`. While six lanes are kept inverted, 8 of the 25 inversions of a round are enough, with `or`
 * in place of some `and`. Each word is one lane of a row: operator, then which of a, b and c is inverted. Source: Keccak
 * implementation overview, 2.2, "lane complementing".
 */
const INVERTED = [1, 2, 8, 12, 17, 20];
const CHI = [
  ['or', 'or b', 'and', 'or', 'and'],
  ['or', 'and', 'or c', 'or', 'and'],
  ['or', 'and', 'and b', 'or a', 'and'],
  ['and', 'or', 'or b', 'and a', 'or'],
  ['and b', 'or a', 'and', 'or', 'and'],
];

function rowCode(form: string, x: number): Code {
  const [operator, inverted] = form.split(' ');
  const operand = (name: string, steps: number): Code =>
    name === inverted ? invert(moved(x + steps)) : get(moved(x + steps));
  return [
    ...[...operand('a', 0), ...operand('b', 1), ...operand('c', 2)],
    ...[...(operator === 'or' ? OR : AND), ...XOR],
  ];
}

const invert = (local: number): Code => [...get(local), ...i64(-1), ...XOR];

/** Before the first round and after the last one. */
const invertSome = (): Code =>
  INVERTED.flatMap((index) => [...invert(lane(index)), ...set(lane(index))]);

const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const text = (ascii: string): Code => [
  ...unsigned(ascii.length),
  ...new TextEncoder().encode(ascii),
];

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const [low, rest] = [value & 0x7f, value >> 7];
  const isLast = rest === (low & 0x40 ? -1 : 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
