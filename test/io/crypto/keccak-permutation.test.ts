import { expect, test } from 'vitest';

import { permute } from '../../../src/io/crypto/keccak-permutation.ts';
import { permutationSource } from './keccak-permutation-source.ts';

test('the source file is what the generator writes', async () => {
  await expect(permutationSource()).toMatchFileSnapshot(
    '../../../src/io/crypto/keccak-permutation.ts',
  );
});

test('the permutation of zeros is the published one', () => {
  const state = new Int32Array(50);
  permute(state);
  // source: KeccakF-1600-IntermediateValues.txt of the Keccak team, first lanes
  expect([...state.subarray(0, 4)].map((half) => (half >>> 0).toString(16))).toEqual([
    '40e1dde7',
    'f1258f79',
    '33c0478a',
    '84d5ccf9',
  ]);
});
