/**
 * Shared secrets on secp256k1 by Node's OpenSSL, off the thread where Node can do that. It has no recovery and shows no
 * y coordinates, so signatures and whole shared points are left to JavaScript; so are public keys, for which
 * @noble/secp256k1 has a table and OpenSSL has none.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  ECDH,
  type KeyObject,
} from 'node:crypto';
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';

import { type Curve, checkKnownAnswers, KNOWN_ANSWERS } from './curve.ts';
import { minted, noblePrimitives, type PublicKey } from './primitives.ts';

const CURVE = 'secp256k1';

/** DER around a public key. Source: RFC 5480, SubjectPublicKeyInfo with the OID 1.3.132.0.10. */
const PUBLIC_START = hexToBytes('3056301006072a8648ce3d020106052b8104000a034200');
/** DER around a secret key and its public key: without the latter, OpenSSL computes it. Source: RFC 5915, ECPrivateKey. */
const SECRET_START = hexToBytes('30740201010420');
const SECRET_MIDDLE = hexToBytes('a00706052b8104000aa144034200');

type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** From Node 23.11 on: returns nothing, and computes in the thread pool. Before, the callback is ignored. */
type WithCallback = (
  keys: KeyPair,
  callback: (error: Error | null, x: Uint8Array) => void,
) => Uint8Array | undefined;

/** What was computed for the bytes of one array, as long as it has these bytes. */
type Known = {
  readonly hash: string;
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
};

/** @throws This OpenSSL does not have the curve, or computes something wrong. */
export function opensslCurve(): Curve {
  /** A node key is used again and again, an ephemeral one for its public key and one multiplication. */
  const known = new WeakMap<Uint8Array, Known>();

  function knownOf(secret: Uint8Array): Known {
    const hash = createHash('sha256').update(secret).digest('base64');
    const before = known.get(secret);
    if (before?.hash === hash) return before; // otherwise it was wiped or written
    const publicKey = noblePrimitives.publicKeyOf(secret);
    const entry = { hash, publicKey, privateKey: privateKeyOf(secret, publicKey) };
    known.set(secret, entry);
    return entry;
  }

  const keysOf = (secret: Uint8Array, point: PublicKey): KeyPair => ({
    privateKey: knownOf(secret).privateKey,
    publicKey: createPublicKey({
      key: Buffer.from(concatBytes(PUBLIC_START, point)),
      format: 'der',
      type: 'spki',
    }),
  });

  const ecdhNow = (secret: Uint8Array, point: PublicKey): Uint8Array =>
    plain(diffieHellman(keysOf(secret, point)));

  const ecdhLater = (secret: Uint8Array, point: PublicKey): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      (diffieHellman as WithCallback)(keysOf(secret, point), (error, x) =>
        error ? reject(error) : resolve(plain(x)),
      );
    });

  const publicKeyOf = (secret: Uint8Array): PublicKey =>
    new Uint8Array(knownOf(secret).publicKey) as PublicKey;

  checkKnownAnswers({ ecdhNow, publicKeyOf, decompress });
  const secret = hexToBytes(KNOWN_ANSWERS.secret);
  const hasCallback =
    (diffieHellman as WithCallback)(keysOf(secret, publicKeyOf(secret)), () => {}) === undefined;
  return {
    ecdh: hasCallback ? ecdhLater : async (...inputs) => ecdhNow(...inputs),
    ecdhPoint: noblePrimitives.ecdhPoint,
    publicKeyOf,
    decompress,
    sign: noblePrimitives.sign,
    verify: noblePrimitives.verify,
    recover: noblePrimitives.recover,
  };
}

function decompress(encoded: Uint8Array): PublicKey | null {
  let key: Uint8Array;
  try {
    key = ECDH.convertKey(encoded, CURVE, undefined, undefined, 'uncompressed') as Buffer;
  } catch {
    return null;
  }
  return minted(plain(key));
}

function privateKeyOf(secret: Uint8Array, publicKey: PublicKey): KeyObject {
  const der = Buffer.from(concatBytes(SECRET_START, secret, SECRET_MIDDLE, publicKey));
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'sec1' });
  } finally {
    der.fill(0);
  }
}

/** A copy of its own: small buffers of Node share memory. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
