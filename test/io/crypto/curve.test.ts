import { expect, test } from 'vitest';

import {
  checkKnownAnswers,
  expectAnswer,
  KNOWN_ANSWERS as known,
} from '../../../src/io/crypto/curve.ts';
import { noblePrimitives, type PublicKey } from '../../../src/io/crypto/primitives.ts';
import { hex, toHex } from '../../support/crypto.ts';

const { publicKeyOf, decompress, sign, verify, recover } = noblePrimitives;

/** @noble/secp256k1 without a promise. */
const right = {
  ...{ publicKeyOf, decompress, sign, verify, recover },
  ecdhNow: () => hex(known.sharedX),
  ecdhPointNow: () => hex(known.sharedPoint),
};

test('the known answers are those of @noble/secp256k1', async () => {
  const publicKey = publicKeyOf(hex(known.secret));
  expect(toHex(publicKey)).toBe(known.publicKey);
  expect(toHex(await noblePrimitives.ecdh(hex(known.otherSecret), publicKey))).toBe(known.sharedX);
  expect(toHex(await noblePrimitives.ecdhPoint(hex(known.otherSecret), publicKey))).toBe(
    known.sharedPoint,
  );
  expect(toHex(sign(hex(known.hash), hex(known.secret)))).toBe(known.signature);
  expect(() => checkKnownAnswers(right)).not.toThrow();
});

test('each wrong answer is named', () => {
  const wrong = new Uint8Array(32);
  for (const [part, what] of [
    [{ publicKeyOf: () => new Uint8Array(65) as PublicKey }, 'the public key'],
    [{ decompress: () => new Uint8Array(65) as PublicKey }, 'the decompressed key'],
    [{ decompress: () => null }, 'the decompressed key'],
    [{ ecdhNow: () => wrong }, 'the shared secret'],
    [{ ecdhPointNow: () => wrong }, 'the shared point'],
    [{ sign: () => new Uint8Array(65) }, 'the signature'],
    [{ recover: () => new Uint8Array(65) as PublicKey }, 'the recovered key'],
    [{ verify: () => true }, 'the check of a signature'],
    [{ verify: () => false }, 'the check of a signature'],
  ] as const)
    expect(() => checkKnownAnswers({ ...right, ...part })).toThrow(`${what} that it computes`);
});

test('a curve that finds a point where none is, is not used', () => {
  const point = decompress(hex(known.compressedKey));
  expect(() => checkKnownAnswers({ ...right, decompress: () => point })).toThrow('no point');
});

test('a curve that does not sign is asked for the rest', () => {
  const { sign: _, verify: __, recover: ___, ecdhPointNow: ____, ...rest } = right;
  expect(() => checkKnownAnswers(rest)).not.toThrow();
});

test('an answer is compared whole', () => {
  expect(() => expectAnswer('it', hex('0102'), '0102')).not.toThrow();
  expect(() => expectAnswer('it', hex('01'), '0102')).toThrow('it that it computes is wrong');
});
