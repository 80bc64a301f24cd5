import { expect, onTestFinished, test, vi } from 'vitest';

import { javascriptKeccak } from '../../../src/io/crypto/keccak-javascript.ts';
import { wasmKeccak } from '../../../src/io/crypto/keccak-wasm.ts';
import { CORE_BYTES } from '../../../src/io/crypto/running-keccak.ts';
import { seededRandom } from '../../support/crypto.ts';

test('the memory is large enough, and no call of it reaches the round constants', () => {
  const { memory, absorb } = wasmKeccak();
  expect(memory.length).toBeGreaterThanOrEqual(CORE_BYTES);
  const behind = new Uint8Array(memory.buffer, memory.length).slice();
  memory.fill(0xff);
  absorb(0, 200, 400, 8);
  expect(new Uint8Array(memory.buffer, memory.length)).toEqual(behind);
});

test('the states that it computes are those of the JavaScript permutation', () => {
  const random = seededRandom('keccak states');
  const [wasm, javascript] = [wasmKeccak(), javascriptKeccak()];
  for (const blocks of [1, 2, 3, 60]) {
    const bytes = random(CORE_BYTES);
    for (const { memory, absorb } of [wasm, javascript]) {
      memory.set(bytes);
      absorb(200, 0, 400, blocks);
    }
    const [ours, theirs] = [wasm, javascript].map(({ memory }) => memory.slice(0, CORE_BYTES));
    expect(ours).toEqual(theirs);
    expect(ours!.subarray(200)).toEqual(bytes.subarray(200)); // only the state at `to` is written
  }
});

test('where WebAssembly is not there or not allowed, it throws', () => {
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal('WebAssembly', undefined); // `--jitless`
  expect(wasmKeccak).toThrow(TypeError);
  const refusing = class {
    constructor() {
      throw new Error('code generation disallowed by embedder');
    }
  };
  vi.stubGlobal('WebAssembly', { Module: refusing, Instance: refusing });
  expect(wasmKeccak).toThrow('disallowed');
});
