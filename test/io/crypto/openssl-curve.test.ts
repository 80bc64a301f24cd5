import * as node from 'node:crypto';
import { expect, test, vi } from 'vitest';

import { opensslCurve } from '../../../src/io/crypto/openssl-curve.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { seededRandom } from '../../support/crypto.ts';

vi.mock('node:crypto', async (original) => {
  const module = await original<typeof import('node:crypto')>();
  return {
    ...module,
    createPrivateKey: vi.fn(module.createPrivateKey),
    diffieHellman: vi.fn(module.diffieHellman),
  };
});

const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(4));

test('a key that is used again is imported once', async () => {
  const { ecdh, publicKeyOf } = opensslCurve();
  const secret = new Uint8Array(32).fill(7);
  vi.mocked(node.createPrivateKey).mockClear();
  publicKeyOf(secret);
  for (let times = 0; times < 3; times++) await ecdh(secret, point);
  expect(node.createPrivateKey).toHaveBeenCalledOnce();
});

test('C15: the encoding of a secret is wiped once it is imported', async () => {
  const inputs: Uint8Array[] = [];
  const real = vi.mocked(node.createPrivateKey).getMockImplementation()!;
  vi.mocked(node.createPrivateKey).mockImplementation((input) => {
    inputs.push((input as { key: Uint8Array }).key);
    return real(input);
  });
  await opensslCurve().ecdh(new Uint8Array(32).fill(8), point);
  expect(inputs.length).toBeGreaterThan(1);
  for (const input of inputs) expect(input.every((byte) => byte === 0)).toBe(true);
  vi.mocked(node.createPrivateKey).mockImplementation(real);
});

test('shared secrets with leading zeros have 32 bytes', async () => {
  const { ecdh } = opensslCurve();
  const random = seededRandom('leading zeros');
  for (let found = 0; found < 1; ) {
    const secret = random(32);
    const x = await ecdh(secret, point);
    expect(x).toHaveLength(32);
    if (x[0] !== 0) continue;
    expect(x).toEqual(await noblePrimitives.ecdh(secret, point));
    found++;
  }
});

test('one that computes something wrong is not used', () => {
  const real = vi.mocked(node.diffieHellman).getMockImplementation()!;
  vi.mocked(node.diffieHellman).mockImplementation(() => Buffer.alloc(32));
  expect(() => opensslCurve()).toThrow('the shared secret that it computes is wrong');
  vi.mocked(node.diffieHellman).mockImplementation(real);
});

test('where Node computes in its thread pool, that is used, and its errors reject', async () => {
  const real = vi.mocked(node.diffieHellman).getMockImplementation()! as (keys: object) => Buffer;
  let fails = false;
  const withCallback = (keys: object, callback?: (error: Error | null, x?: Buffer) => void) => {
    if (!callback) return real(keys);
    setImmediate(() => (fails ? callback(new Error('no')) : callback(null, real(keys))));
    return undefined;
  };
  vi.mocked(node.diffieHellman).mockImplementation(withCallback as never);
  const { ecdh } = opensslCurve();
  const secret = new Uint8Array(32).fill(9);
  expect(await ecdh(secret, point)).toEqual(await noblePrimitives.ecdh(secret, point));
  fails = true;
  await expect(ecdh(secret, point)).rejects.toThrow('no');
  vi.mocked(node.diffieHellman).mockImplementation(real as never);
});
