/**
 * The static secret of a node behind an object that uses it and never shows it.
 * Storage on disk is left to others.
 */
import { defaultSet, primitivesOf } from './primitive-sets.ts';
import {
  type Primitives,
  type PublicKey,
  type Random,
  randomSecret,
  systemRandom,
} from './primitives.ts';
import { nodeId } from './public-key.ts';

/**
 * Holds a secret key. Enumeration, JSON, `structuredClone` and `inspect` do not reach its bytes.
 */
export type NodeKey = {
  readonly publicKey: PublicKey;
  /** 64 hex digits, see {@link nodeId}. */
  readonly id: string;
  /** See `Primitives.ecdh`. */
  ecdh(point: PublicKey): Promise<Uint8Array>;
  /** See `Primitives.ecdhPoint`. */
  ecdhPoint(point: PublicKey): Promise<Uint8Array>;
  /** Signs a 32-byte hash: `r ‖ s ‖ v`, 65 bytes. */
  sign(hash: Uint8Array): Uint8Array;
  toJSON(): '[node key]';
};

const secrets = new WeakMap<NodeKey, Uint8Array>();

/** Keys whose primitives the caller did not choose: a server may give them its own. */
const unbound = new WeakMap<NodeKey, Primitives>();

/** Keeps a copy of `secret`; the caller may wipe its own. Without `primitives` it uses those of its server. */
export function createNodeKey(secret: Uint8Array, primitives?: Primitives): NodeKey {
  if (primitives) return nodeKeyWith(secret, primitives);
  const chosen = defaultPrimitives();
  const key = nodeKeyWith(secret, chosen);
  unbound.set(key, chosen);
  return key;
}

/** The same key with these primitives, unless others were chosen for it when it was made. */
export function withPrimitives(key: NodeKey, primitives: Primitives): NodeKey {
  const secret = secrets.get(key);
  const present = unbound.get(key);
  if (!secret || !present || present === primitives) return key;
  return nodeKeyWith(secret, primitives);
}

function nodeKeyWith(secret: Uint8Array, primitives: Primitives): NodeKey {
  if (!primitives.isSecretKey(secret))
    throw new RangeError(
      `"nodeKey" expected 32 bytes, not zero and below the order of secp256k1, got ${flawOf(secret)}`,
    );
  const kept = new Uint8Array(secret);
  const publicKey = primitives.publicKeyOf(kept);
  const key: NodeKey = {
    publicKey,
    id: nodeId(publicKey, primitives),
    ecdh: (point) => primitives.ecdh(kept, point),
    ecdhPoint: (point) => primitives.ecdhPoint(kept, point),
    sign: (hash) => primitives.sign(hash, kept),
    toJSON: () => '[node key]',
  };
  Object.defineProperty(key, Symbol.for('nodejs.util.inspect.custom'), {
    value: () => `[node key ${key.id}]`,
  });
  secrets.set(key, kept);
  return Object.freeze(key);
}

export function generateNodeKey(random: Random = systemRandom, primitives?: Primitives): NodeKey {
  const secret = randomSecret(random, primitives ?? defaultPrimitives());
  try {
    return createNodeKey(secret, primitives);
  } finally {
    secret.fill(0);
  }
}

/** A copy of the 32 secret bytes, for writing the key file. Wipe it afterwards. */
export function exportSecret(key: NodeKey): Uint8Array {
  const secret = secrets.get(key);
  if (secret === undefined) throw new TypeError('"key" expected a NodeKey made by createNodeKey');
  return new Uint8Array(secret);
}

const defaultPrimitives = (): Primitives => primitivesOf(defaultSet()).primitives;

function flawOf(secret: Uint8Array): string {
  if (secret.length !== 32) return `${secret.length} bytes`;
  return secret.every((byte) => byte === 0) ? 'zero' : 'a larger number';
}
