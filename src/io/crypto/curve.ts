/** What an implementation of secp256k1 offers, and the answers that it must give before it is used. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import type { Primitives, PublicKey } from './primitives.ts';

/** Operations that implementations of the curve share with `Primitives`. Points were checked by `public-key.ts`. */
export type Curve = Pick<
  Primitives,
  'ecdh' | 'ecdhPoint' | 'publicKeyOf' | 'decompress' | 'sign' | 'verify' | 'recover'
>;

/** The same without a promise, and only what a check can ask for. */
export type CheckedCurve = Partial<Pick<Primitives, 'sign' | 'verify' | 'recover'>> & {
  readonly ecdhNow: (secret: Uint8Array, point: PublicKey) => Uint8Array;
  readonly ecdhPointNow?: (secret: Uint8Array, point: PublicKey) => Uint8Array;
  readonly publicKeyOf: (secret: Uint8Array) => PublicKey;
  readonly decompress: (encoded: Uint8Array) => PublicKey | null;
};

/** Computed with @noble/secp256k1; a test compares them with it. */
export const KNOWN_ANSWERS = {
  secret: '0000000000000000000000000000000000000000000000000000000000000002',
  publicKey:
    '04c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee51ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a',
  compressedKey: '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
  /** No y fits this x. */
  noPoint: '020000000000000000000000000000000000000000000000000000000000000005',
  otherSecret: '0000000000000000000000000000000000000000000000000000000000000003',
  sharedX: 'fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556',
  sharedPoint: '03fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556',
  hash: '0101010101010101010101010101010101010101010101010101010101010101',
  signature:
    '0d10c237d89a0f0c6f974d8d8a4283bbd1cf1d326332cdf0dbc418c88246e43138d4f3b0f50965345a1faa1845f52ade58ced5915f335ad58fdddf46eead887900',
};

/** @throws {Error} Names the first wrong answer. */
export function checkKnownAnswers(curve: CheckedCurve): void {
  const [secret, otherSecret, hash] = [
    hexToBytes(KNOWN_ANSWERS.secret),
    hexToBytes(KNOWN_ANSWERS.otherSecret),
    hexToBytes(KNOWN_ANSWERS.hash),
  ];
  const publicKey = curve.publicKeyOf(secret);
  expectAnswer('the public key', publicKey, KNOWN_ANSWERS.publicKey);
  const [compressed, noPoint] = [KNOWN_ANSWERS.compressedKey, KNOWN_ANSWERS.noPoint].map(
    hexToBytes,
  );
  const point = curve.decompress(compressed!);
  expectAnswer('the decompressed key', point ?? new Uint8Array(0), KNOWN_ANSWERS.publicKey);
  if (curve.decompress(noPoint!)) throw new Error('it decompresses what is no point');
  expectAnswer('the shared secret', curve.ecdhNow(otherSecret, publicKey), KNOWN_ANSWERS.sharedX);
  const whole = curve.ecdhPointNow?.(otherSecret, publicKey);
  if (whole) expectAnswer('the shared point', whole, KNOWN_ANSWERS.sharedPoint);
  if (!curve.sign || !curve.verify || !curve.recover) return;
  const signature = curve.sign(hash, secret);
  expectAnswer('the signature', signature, KNOWN_ANSWERS.signature);
  expectAnswer('the recovered key', curve.recover(hash, signature), KNOWN_ANSWERS.publicKey);
  const rs = signature.subarray(0, -1);
  if (!curve.verify(hash, rs, publicKey) || curve.verify(publicKey.subarray(33), rs, publicKey))
    throw new Error('the check of a signature that it computes is wrong');
}

/** @throws {Error} The answer is wrong. */
export function expectAnswer(what: string, answer: Uint8Array, expected: string): void {
  if (bytesToHex(answer) !== expected) throw new Error(`${what} that it computes is wrong`);
}
