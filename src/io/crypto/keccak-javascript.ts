/** Keccak-f[1600] without WebAssembly, for `running-keccak.ts`. Little-endian processors only: others fail its check. */
import { permute } from './keccak-permutation.ts';
import { RATE_BYTES, STATE_BYTES } from './keccak-tables.ts';
import { CORE_BYTES, type KeccakCore } from './running-keccak.ts';

const HALVES = STATE_BYTES / 4;
const RATE_HALVES = RATE_BYTES / 4;

export function javascriptKeccak(): KeccakCore {
  const memory = new Uint8Array(CORE_BYTES);
  const halves = new Int32Array(memory.buffer);
  const state = new Int32Array(HALVES);
  return {
    memory,
    absorb(from, to, input, blocks) {
      state.set(halves.subarray(from / 4, from / 4 + HALVES));
      for (let block = 0; block < blocks; block++) {
        const at = (input + block * RATE_BYTES) / 4;
        for (let index = 0; index < RATE_HALVES; index++) state[index]! ^= halves[at + index]!;
        permute(state);
      }
      halves.set(state, to / 4);
    },
  };
}
