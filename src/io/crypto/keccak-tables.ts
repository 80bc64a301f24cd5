/** The constants of Keccak-f[1600], derived as the standard does it. Source: FIPS 202, 3.2. */

const ROUNDS = 24;
const LANES = 25;

/** Bytes that one permutation absorbs, for a digest of 256 bits. */
export const RATE_BYTES = 136;

/** Bytes of the whole state: 25 lanes of 64 bits. */
export const STATE_BYTES = 200;

export type KeccakTables = {
  /** What step ι adds to lane 0, one for each round. */
  readonly roundConstants: readonly bigint[];
  /** By how many bits step ρ turns each lane to the left; the lane at x and y has the index x + 5y. */
  readonly rotations: readonly number[];
  /** Where step π moves each lane. */
  readonly targets: readonly number[];
};

export function keccakTables(): KeccakTables {
  return { roundConstants: roundConstants(), ...movesOfLanes() };
}

/** Bits of a linear feedback shift register, x⁸ + x⁶ + x⁵ + x⁴ + 1, at the places 2ʲ − 1. */
function roundConstants(): bigint[] {
  let register = 1;
  const nextBit = (): bigint => {
    const bit = register & 1;
    register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    return BigInt(bit);
  };
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) constant |= nextBit() << BigInt(2 ** j - 1);
    return constant;
  });
}

function movesOfLanes(): Pick<KeccakTables, 'rotations' | 'targets'> {
  const rotations = new Array<number>(LANES).fill(0);
  const targets = new Array<number>(LANES).fill(0);
  for (let t = 0, [x, y] = [1, 0]; t < ROUNDS; t++) {
    rotations[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  for (let x = 0; x < 5; x++)
    for (let y = 0; y < 5; y++) targets[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
  return { rotations, targets };
}
