/**
 * The running MAC of one direction of an RLPx session. It only computes; the frame reader compares. Source: devp2p/rlpx.md, "MAC".
 */
import type { Primitives, RunningHash } from './primitives.ts';

/** Bytes of a digest that count, as the MAC on the wire and as the input of the AES block. */
const HALF_DIGEST_BYTES = 16;

/** What is returned is a view that the next call overwrites. */
export type FrameMac = {
  /** Absorbs the first 16 bytes, the header ciphertext; returns the header MAC. */
  header(ciphertext: Uint8Array): Uint8Array;
  /** Absorbs a part of the body ciphertext: 16 MiB at once would block the event loop for a third of a second. */
  part(ciphertext: Uint8Array): void;
  /** Absorbs the rest of the body ciphertext, or all of it; returns the frame MAC. */
  body(ciphertext: Uint8Array): Uint8Array;
};

/** Expands `macSecret` at once, so the caller may wipe it. */
export function createFrameMac(
  macSecret: Uint8Array,
  mac: RunningHash,
  { aes256Block }: Pick<Primitives, 'aes256Block'>,
): FrameMac {
  const encryptBlock = aes256Block(macSecret);
  const half = new Uint8Array(HALF_DIGEST_BYTES); // every digest is the input of the next step, so each is computed once
  const seed = new Uint8Array(HALF_DIGEST_BYTES);
  mac.digestInto(half);

  function stir(block: Uint8Array): Uint8Array {
    encryptBlock(half, seed);
    for (let i = 0; i < HALF_DIGEST_BYTES; i++) seed[i]! ^= block[i]!;
    mac.update(seed);
    mac.digestInto(half);
    return half;
  }

  return {
    header: (ciphertext) => stir(ciphertext),
    part: (ciphertext) => mac.update(ciphertext),
    body(ciphertext) {
      mac.update(ciphertext);
      mac.digestInto(half);
      return stir(half);
    },
  };
}
