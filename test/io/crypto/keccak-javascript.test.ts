import { expect, test } from 'vitest';

import { javascriptKeccak } from '../../../src/io/crypto/keccak-javascript.ts';
import { permute } from '../../../src/io/crypto/keccak-permutation.ts';

test('a block of zeros leaves the permutation of the state', () => {
  const { memory, absorb } = javascriptKeccak();
  const state = Int32Array.from({ length: 50 }, (_, index) => index * 0x01234567);
  memory.set(new Uint8Array(state.buffer));
  absorb(0, 400, 1000, 1);
  permute(state);
  expect(memory.slice(400, 600)).toEqual(new Uint8Array(state.buffer));
});
