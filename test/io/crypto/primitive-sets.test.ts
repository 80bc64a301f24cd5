import { describe, expect, test } from 'vitest';

import { javascriptKeccak } from '../../../src/io/crypto/keccak-javascript.ts';
import { wasmKeccak } from '../../../src/io/crypto/keccak-wasm.ts';
import { opensslCurve } from '../../../src/io/crypto/openssl-curve.ts';
import {
  CUSTOM_PRIMITIVES,
  choosePrimitives,
  defaultSet,
  PRIMITIVE_SETS,
  type PrimitiveLoaders,
  primitivesOf,
  primitivesText,
} from '../../../src/io/crypto/primitive-sets.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { toHex } from '../../support/crypto.ts';

const absent = (): never => {
  throw new Error("Cannot find module 'it'\nRequire stack: …");
};

/** `libsecp256k1` is OpenSSL here, so that the test needs no optional package. */
const everything: PrimitiveLoaders = {
  libsecp256k1: opensslCurve,
  openssl: opensslCurve,
  webassembly: wasmKeccak,
  javascript: javascriptKeccak,
};

describe('what is used', () => {
  test.each([
    ['default', {}, 'libsecp256k1', 'webassembly', []],
    ['default', { libsecp256k1: absent }, 'openssl', 'webassembly', ['the native package']],
    [
      'default',
      { libsecp256k1: absent, openssl: absent },
      'noble',
      'webassembly',
      ['the native package', 'secp256k1 of OpenSSL'],
    ],
    ['default', { webassembly: absent }, 'libsecp256k1', 'javascript', ['Keccak as WebAssembly']],
    [
      'default',
      { webassembly: absent, javascript: absent },
      'libsecp256k1',
      'noble',
      ['Keccak as WebAssembly', 'Keccak as unrolled JavaScript'],
    ],
    ['node', { libsecp256k1: absent }, 'openssl', 'webassembly', []],
    ['portable', { webassembly: absent, openssl: absent }, 'noble', 'javascript', []],
  ] as const)('%s primitives, %o', (set, missing, curve, keccak, named) => {
    const { inUse } = choosePrimitives(set, { ...everything, ...missing });
    expect(inUse).toMatchObject({ set, curve, keccak });
    expect(inUse.missing).toHaveLength(named.length);
    for (const [index, start] of named.entries()) {
      expect(inUse.missing[index]).toMatch(start);
      expect(inUse.missing[index]).toMatch(/ is not used: Error: Cannot find module 'it'$/);
    }
  });

  test('a Keccak that computes something wrong is not used', () => {
    const broken = () => ({ ...wasmKeccak(), absorb: () => {} });
    const { inUse, primitives } = choosePrimitives('default', {
      ...everything,
      webassembly: broken,
    });
    expect(inUse.keccak).toBe('javascript');
    expect(inUse.missing).toEqual([expect.stringContaining('the hash that it computes is wrong')]);
    expect(primitives.keccak256()).toEqual(noblePrimitives.keccak256());
  });

  test('is decided once for each set', () => {
    for (const set of PRIMITIVE_SETS) {
      expect(primitivesOf(set)).toBe(primitivesOf(set));
      expect(primitivesOf(set).inUse.set).toBe(set);
    }
  });

  test('the environment names the set of a process, and a word that names none is refused', () => {
    const before = process.env['PEERCHART_PRIMITIVES'];
    try {
      for (const set of PRIMITIVE_SETS) {
        process.env['PEERCHART_PRIMITIVES'] = set;
        expect(defaultSet()).toBe(set);
      }
      process.env['PEERCHART_PRIMITIVES'] = '';
      expect(defaultSet()).toBe('default');
      process.env['PEERCHART_PRIMITIVES'] = 'fast';
      expect(defaultSet).toThrow(
        new TypeError('PEERCHART_PRIMITIVES expected default, node, portable, got "fast"'),
      );
    } finally {
      if (before === undefined) delete process.env['PEERCHART_PRIMITIVES'];
      else process.env['PEERCHART_PRIMITIVES'] = before;
    }
  });

  test('people see what is in use in a few words', () => {
    const { inUse } = choosePrimitives('default', everything);
    expect(primitivesText(inUse)).toBe('libsecp256k1, webassembly');
    expect(primitivesText({ ...inUse, set: 'node' })).toBe('libsecp256k1, webassembly (node)');
    expect(primitivesText(CUSTOM_PRIMITIVES)).toBe('custom');
  });

  test('of this process, the node and the portable set are complete', () => {
    expect(primitivesOf('node').inUse).toMatchObject({ curve: 'openssl', keccak: 'webassembly' });
    expect(primitivesOf('portable').inUse).toMatchObject({ curve: 'noble', keccak: 'javascript' });
    for (const set of ['node', 'portable'] as const)
      expect(primitivesOf(set).inUse.missing).toEqual([]);
  });

  test('hashing in one go agrees with noble, in any number of parts', () => {
    const parts = [new Uint8Array(3).fill(1), new Uint8Array(200).fill(2), new Uint8Array(0)];
    for (const set of PRIMITIVE_SETS)
      for (let count = 0; count <= parts.length; count++) {
        const some = parts.slice(0, count);
        expect(toHex(primitivesOf(set).primitives.keccak256(...some))).toBe(
          toHex(noblePrimitives.keccak256(...some)),
        );
      }
  });
});
