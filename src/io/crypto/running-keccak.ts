/**
 * Keccak-256 as a running hash over any permutation: collects blocks, pads, and computes a digest without an end or a
 * copy of the hash. The permutations are in `keccak-wasm.ts` and `keccak-javascript.ts`.
 */
import { RATE_BYTES, STATE_BYTES } from './keccak-tables.ts';
import type { RunningHash } from './primitives.ts';

export type KeccakCore = {
  /** What `absorb` works on, at least {@link CORE_BYTES}. */
  readonly memory: Uint8Array;
  /**
   * Takes the state at `from`; adds each of `blocks` blocks of 136 bytes at `input`, one at least, and permutes; stores
   * the state at `to`. These are offsets into `memory`, multiples of 8.
   */
  readonly absorb: (from: number, to: number, input: number, blocks: number) => void;
};

/** Most bytes absorbed at once: they fit into the fastest cache, with what they are copied from. Ours. */
const MAX_INPUT_BYTES = 8 * 1024;

/** The state of the hash that uses the memory; then its pending bytes, with the new ones behind them. */
const STATE = 0;
const PENDING = STATE + STATE_BYTES;
/** What a hash keeps while another one uses the memory. */
const KEPT_BYTES = PENDING + RATE_BYTES;
/** The state of a digest. */
const DIGEST = KEPT_BYTES + MAX_INPUT_BYTES;

/** Memory that a core needs. */
export const CORE_BYTES = DIGEST + STATE_BYTES;

const MAX_DIGEST_BYTES = 32;

/** Keccak's padding, which is not that of SHA-3. */
const FIRST_PAD = 0x01;
const LAST_PAD = 0x80;

type Hash = {
  /** State and pending bytes, while another hash uses the memory. */
  readonly kept: Uint8Array;
  /** Bytes of an incomplete block. */
  pendingBytes: number;
};

/** All hashes share the memory of the core, so there is nothing to free: each keeps a copy when another one uses it. */
export function runningKeccakOver({ memory, absorb }: KeccakCore): () => RunningHash {
  const shared = memory.subarray(STATE, KEPT_BYTES);
  let user: Hash | null = null;

  function use(hash: Hash): void {
    if (user === hash) return;
    user?.kept.set(shared);
    shared.set(hash.kept);
    user = hash;
  }

  function take(hash: Hash, bytes: Uint8Array): void {
    memory.set(bytes, PENDING + hash.pendingBytes);
    const held = hash.pendingBytes + bytes.length;
    const blocks = Math.floor(held / RATE_BYTES);
    hash.pendingBytes = held - blocks * RATE_BYTES;
    if (blocks === 0) return;
    absorb(STATE, STATE, PENDING, blocks);
    const rest = PENDING + blocks * RATE_BYTES;
    memory.copyWithin(PENDING, rest, rest + hash.pendingBytes);
  }

  return () => {
    const hash: Hash = { kept: new Uint8Array(KEPT_BYTES), pendingBytes: 0 };
    return {
      update(bytes) {
        use(hash);
        if (bytes.length <= MAX_INPUT_BYTES) return take(hash, bytes);
        for (let at = 0; at < bytes.length; at += MAX_INPUT_BYTES)
          take(hash, bytes.subarray(at, at + MAX_INPUT_BYTES));
      },
      digestInto(out) {
        if (out.length > MAX_DIGEST_BYTES)
          throw new RangeError(`a digest has ${MAX_DIGEST_BYTES} bytes, not ${out.length}`);
        use(hash);
        const padding = PENDING + hash.pendingBytes;
        const end = PENDING + RATE_BYTES;
        memory.fill(0, padding, end);
        memory[padding] = FIRST_PAD;
        memory[end - 1]! |= LAST_PAD;
        absorb(STATE, DIGEST, PENDING, 1);
        for (let at = 0; at < out.length; at++) out[at] = memory[DIGEST + at]!;
      },
    };
  };
}
