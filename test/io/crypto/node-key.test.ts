import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import {
  createNodeKey,
  exportSecret,
  generateNodeKey,
  withPrimitives,
} from '../../../src/io/crypto/node-key.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { nodeId } from '../../../src/io/crypto/public-key.ts';
import { countingPrimitives, hex, loadVectors, seededRandom, toHex } from '../../support/crypto.ts';

const { eip8 } = loadVectors<{
  eip8: {
    keys: { staticKeyA: string; staticKeyB: string };
    derivedPublic: { nodeIdA: string };
    staticSharedSecretX: string;
  };
}>('eip8-handshake.json');
const secret = hex(eip8.keys.staticKeyA);
const key = createNodeKey(secret);

describe('NodeKey', () => {
  test('knows its public key and its node ID', () => {
    expect(key.publicKey).toEqual(noblePrimitives.publicKeyOf(secret));
    expect(key.id).toBe(eip8.derivedPublic.nodeIdA);
    expect(nodeId(key.publicKey)).toBe(key.id);
  });

  test('multiplies and signs', async () => {
    const remote = noblePrimitives.publicKeyOf(hex(eip8.keys.staticKeyB));
    expect(toHex(await key.ecdh(remote))).toBe(eip8.staticSharedSecretX);
    const hash = new Uint8Array(32).fill(1);
    expect(noblePrimitives.recover(hash, key.sign(hash))).toEqual(key.publicKey);
  });

  test('C14: never shows its secret', () => {
    const reachable = [
      inspect(key, { showHidden: true, depth: 10 }),
      String(key),
      JSON.stringify({ key }),
      JSON.stringify(Reflect.ownKeys(key).map((name) => inspect(Reflect.get(key, name)))),
      JSON.stringify(Object.values({ ...key }).map((value) => inspect(value, { depth: 10 }))),
    ].join();
    expect(reachable).not.toContain(eip8.keys.staticKeyA);
    expect(reachable).not.toContain([...secret].slice(0, 6).join(','));
    expect(JSON.stringify(key)).toBe('"[node key]"');
    expect(inspect(key)).toBe(`[node key ${key.id}]`);
    expect(() => structuredClone(key)).toThrow();
  });

  test('keeps its own copy of the secret, and gives copies', async () => {
    const bytes = secret.slice();
    const own = createNodeKey(bytes);
    bytes.fill(0);
    exportSecret(own).fill(0);
    expect(toHex(exportSecret(own))).toBe(eip8.keys.staticKeyA);
    const hash = new Uint8Array(32).fill(1);
    expect(noblePrimitives.recover(hash, own.sign(hash))).toEqual(key.publicKey);
  });

  test('a server may give its primitives to a key for which none were chosen', async () => {
    const counting = countingPrimitives();
    const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(5));
    await withPrimitives(createNodeKey(secret), counting).ecdh(point);
    expect(counting.count.ecdh).toBe(1);
    const own = createNodeKey(secret, noblePrimitives);
    expect(withPrimitives(own, counting)).toBe(own);
    const foreign = { ...own };
    expect(withPrimitives(foreign, counting)).toBe(foreign);
  });

  test('only a key made here can be exported', () => {
    expect(() => exportSecret({ ...key })).toThrow(TypeError);
  });

  for (const [what, bytes] of [
    ['no bytes', new Uint8Array(0)],
    ['31 bytes', new Uint8Array(31).fill(1)],
    ['33 bytes', new Uint8Array(33).fill(1)],
    ['zero', new Uint8Array(32)],
    ['the order', hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')],
  ] as const)
    test(`C14: ${what} is not a node key`, () => {
      expect(() => createNodeKey(bytes)).toThrow(RangeError);
      expect(() => createNodeKey(bytes)).toThrow('nodeKey');
    });

  test('a generated key follows the random source', () => {
    expect(generateNodeKey(seededRandom('a')).id).toBe(generateNodeKey(seededRandom('a')).id);
    expect(generateNodeKey().id).not.toBe(generateNodeKey().id);
  });
});
