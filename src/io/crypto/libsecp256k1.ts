/**
 * secp256k1 by libsecp256k1, through the native binding of the optional package `secp256k1`. That package falls back to
 * JavaScript by itself, which is neither fast nor constant-time: the binding alone is loaded here.
 */
import { createRequire } from 'node:module';
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from '../wire/error.ts';
import { type Curve, checkKnownAnswers } from './curve.ts';
import {
  minted,
  type PublicKey,
  requireHash,
  SIGNATURE_BYTES,
  systemRandom,
} from './primitives.ts';

const BINDING = 'secp256k1/bindings.js';

const COORDINATE_BYTES = 32;
const EVEN_Y = 0x02;
const ODD_Y = 0x03;
const RECOVERY_ID = SIGNATURE_BYTES - 1;
const MAX_RECOVERY_ID = 3;

/** What is used of the package. Its errors have no bytes of their arguments. */
export type Libsecp256k1Binding = {
  contextRandomize(seed: Uint8Array): void;
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array;
  /** Throws when the key is no point. */
  publicKeyConvert(key: Uint8Array, compressed: boolean): Uint8Array;
  /** `hashfn` returns what is written to `out`. */
  ecdh(
    point: Uint8Array,
    secret: Uint8Array,
    options: {
      readonly hashfn: (x: Uint8Array, y: Uint8Array) => Uint8Array;
      readonly xbuf: Uint8Array;
      readonly ybuf: Uint8Array;
    },
    out: Uint8Array,
  ): Uint8Array;
  ecdsaSign(
    hash: Uint8Array,
    secret: Uint8Array,
  ): { readonly signature: Uint8Array; readonly recid: number };
  ecdsaRecover(
    signature: Uint8Array,
    recoveryId: number,
    hash: Uint8Array,
    compressed: boolean,
  ): Uint8Array;
  /** False for a high s too. */
  ecdsaVerify(signature: Uint8Array, hash: Uint8Array, publicKey: Uint8Array): boolean;
};

/** @throws The package or its binding is not there, or computes something wrong. */
export function libsecp256k1(binding: Libsecp256k1Binding = loadBinding()): Curve {
  binding.contextRandomize(systemRandom(32)); // blinds what is multiplied with the base point
  const [x, y] = [new Uint8Array(COORDINATE_BYTES), new Uint8Array(COORDINATE_BYTES)];
  const compressed = new Uint8Array(COORDINATE_BYTES + 1);
  const compress = (): Uint8Array => {
    compressed[0] = y.at(-1)! % 2 === 0 ? EVEN_Y : ODD_Y;
    compressed.set(x, 1);
    return compressed;
  };

  /** libsecp256k1's module for ECDH, which is constant-time, with coordinates in place of its hash. */
  function multiply(
    secret: Uint8Array,
    point: PublicKey,
    hashfn: () => Uint8Array,
    bytes: number,
  ): Uint8Array {
    try {
      return binding.ecdh(point, secret, { hashfn, xbuf: x, ybuf: y }, new Uint8Array(bytes));
    } finally {
      for (const buffer of [x, y, compressed]) buffer.fill(0);
    }
  }

  const ecdhNow = (secret: Uint8Array, point: PublicKey): Uint8Array =>
    multiply(secret, point, () => x, x.length);
  const ecdhPointNow = (secret: Uint8Array, point: PublicKey): Uint8Array =>
    multiply(secret, point, compress, compressed.length);

  const curve = {
    ecdh: async (secret: Uint8Array, point: PublicKey) => ecdhNow(secret, point),
    ecdhPoint: async (secret: Uint8Array, point: PublicKey) => ecdhPointNow(secret, point),
    publicKeyOf: (secret: Uint8Array) => minted(binding.publicKeyCreate(secret, false)),
    decompress(encoded: Uint8Array) {
      let key: Uint8Array;
      try {
        key = binding.publicKeyConvert(encoded, false);
      } catch {
        return null;
      }
      return minted(key);
    },
    sign(hash: Uint8Array, secret: Uint8Array) {
      requireHash(hash);
      const { signature, recid } = binding.ecdsaSign(hash, secret);
      return concatBytes(signature, Uint8Array.of(recid));
    },
    verify(hash: Uint8Array, signature: Uint8Array, key: PublicKey) {
      requireHash(hash);
      if (signature.length !== SIGNATURE_BYTES - 1) return false;
      try {
        return binding.ecdsaVerify(signature, hash, key);
      } catch {
        return false; // it throws when r or s is not below the order
      }
    },
    recover(hash: Uint8Array, signature: Uint8Array) {
      requireHash(hash);
      if (signature.length !== SIGNATURE_BYTES)
        throw new WireError('unrecoverableSignature', `${signature.length} bytes`);
      const recoveryId = signature[RECOVERY_ID]!;
      if (recoveryId > MAX_RECOVERY_ID)
        throw new WireError('unrecoverableSignature', `recovery id ${recoveryId}`);
      let key: Uint8Array;
      try {
        key = binding.ecdsaRecover(signature.subarray(0, RECOVERY_ID), recoveryId, hash, false);
      } catch {
        throw new WireError('unrecoverableSignature', 'no public key fits it');
      }
      return minted(key);
    },
  };
  checkKnownAnswers({ ...curve, ecdhNow, ecdhPointNow });
  return curve;
}

function loadBinding(): Libsecp256k1Binding {
  return createRequire(import.meta.url)(BINDING) as Libsecp256k1Binding;
}
