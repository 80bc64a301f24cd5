/**
 * Public keys from outside: the only way from bytes to a {@link PublicKey}. Every ECDH takes that
 * type, so a point that is not on the curve cannot meet a secret (devp2p/rlpx.md, "ECIES
 * Encryption").
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { WireError } from '../wire/error.ts';
import { hexOf } from '../wire/hex.ts';
import { isOnCurve, noblePrimitives, type Primitives, type PublicKey } from './primitives.ts';

export type { PublicKey } from './primitives.ts';

/** `04 ‖ x ‖ y`: SEC 1, 2.3.3, uncompressed. */
export const PUBLIC_KEY_BYTES = 65;
/** Without the first byte, as in Hello, auth and ack. */
export const RAW_PUBLIC_KEY_BYTES = 64;

/** A sign byte, and x. */
const COMPRESSED_PUBLIC_KEY_BYTES = 33;

const UNCOMPRESSED = 0x04;
const EVEN_Y = 0x02;
const ODD_Y = 0x03;

/**
 * Length and prefix are checked before the library sees anything, because libraries also take the
 * hybrid and compressed forms. The cofactor of secp256k1 is 1: on the curve is enough.
 *
 * @returns A copy, so later writes to `bytes` do not reach it.
 * @throws {WireError} `invalidPublicKey`.
 */
export function parsePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_BYTES)
    throw new WireError('invalidPublicKey', `${bytes.length} bytes, not ${PUBLIC_KEY_BYTES}`);
  if (bytes[0] !== UNCOMPRESSED)
    throw new WireError('invalidPublicKey', `prefix ${bytes[0]}, not ${UNCOMPRESSED}`);
  const key = new Uint8Array(bytes);
  if (!isOnCurve(key)) throw new WireError('invalidPublicKey', 'not a point of secp256k1');
  return key;
}

/** {@link parsePublicKey} for the 64 bytes `x ‖ y`. */
export function parseRawPublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== RAW_PUBLIC_KEY_BYTES)
    throw new WireError('invalidPublicKey', `${bytes.length} bytes, not ${RAW_PUBLIC_KEY_BYTES}`);
  return parsePublicKey(concatBytes(Uint8Array.of(UNCOMPRESSED), bytes));
}

/**
 * {@link parsePublicKey} for the 33 bytes of the compressed form, as in node records.
 *
 * @throws {WireError} `invalidPublicKey`.
 */
export function parseCompressedPublicKey(
  bytes: Uint8Array,
  { decompress }: Pick<Primitives, 'decompress'> = noblePrimitives,
): PublicKey {
  if (bytes.length !== COMPRESSED_PUBLIC_KEY_BYTES)
    throw new WireError(
      'invalidPublicKey',
      `${bytes.length} bytes, not ${COMPRESSED_PUBLIC_KEY_BYTES}`,
    );
  if (bytes[0] !== EVEN_Y && bytes[0] !== ODD_Y)
    throw new WireError('invalidPublicKey', `prefix ${bytes[0]}, not ${EVEN_Y} or ${ODD_Y}`);
  const key = decompress(bytes);
  if (!key) throw new WireError('invalidPublicKey', 'not a point of secp256k1');
  return key;
}

/** `02 ‖ x` or `03 ‖ x`, 33 bytes: SEC 1, 2.3.3, compressed. */
export function compressedPublicKey(key: PublicKey): Uint8Array {
  const isOdd = (key[PUBLIC_KEY_BYTES - 1]! & 1) === 1;
  return concatBytes(
    Uint8Array.of(isOdd ? ODD_Y : EVEN_Y),
    key.subarray(1, COMPRESSED_PUBLIC_KEY_BYTES),
  );
}

/** `x ‖ y`, 64 bytes; a view, not a copy. */
export function rawPublicKey(key: PublicKey): Uint8Array {
  return key.subarray(1);
}

/** The 128 hex digits in an enode URL. */
export function publicKeyHex(key: PublicKey): string {
  return hexOf(rawPublicKey(key));
}

/**
 * The node id that discovery uses, 64 hex digits: keccak256 of `x ‖ y` (devp2p/enr.md, "v4" scheme).
 */
export function nodeId(
  key: PublicKey,
  { keccak256 }: Pick<Primitives, 'keccak256'> = noblePrimitives,
): string {
  return hexOf(keccak256(rawPublicKey(key)));
}
