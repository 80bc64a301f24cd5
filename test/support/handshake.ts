/**
 * The two nodes of EIP-8, and packets made the way an attacker would, for the tests of the
 * handshake.
 */
import { concatBytes } from '@noble/hashes/utils.js';

import { createNodeKey, type NodeKey } from '../../src/io/crypto/node-key.ts';
import { type Primitives, type Random, systemRandom } from '../../src/io/crypto/primitives.ts';
import { rawPublicKey } from '../../src/io/crypto/public-key.ts';
import type { HandshakeFormat, Local } from '../../src/io/crypto/rlpx-handshake.ts';
import {
  hex,
  type LegacyGist,
  loadVectors,
  rememberingPrimitives,
  scriptedRandom,
  sealEcies,
  sizePrefix,
} from './crypto.ts';

type MacDigests = Record<
  'ingressMacInitialDigest' | 'egressMacInitialDigest' | 'ingressMacFoo' | 'egressMacFoo',
  string
>;
/** EIP-8, and the gist that came before it. */
export const vectors = loadVectors<{
  eip8: {
    keys: Record<`${'staticKey' | 'ephemeralKey' | 'nonce'}${'A' | 'B'}`, string>;
    derivedPublic: { staticPubA: string };
    auth: { name: string; format: string; packet: string }[];
    ack: { name: string; packet: string }[];
    secrets: {
      auth: string;
      ack: string;
      aesSecret: string;
      macSecret: string;
      recipientB: MacDigests;
      initiatorA: MacDigests;
    }[];
  };
  legacyPreEip8: LegacyGist;
  negative: { name: string; kind: string; recipientKey?: string; packet: string }[];
}>('eip8-handshake.json');

export const primitives = rememberingPrimitives();
export const keys = vectors.eip8.keys;
export const alice = createNodeKey(hex(keys.staticKeyA), primitives);
export const bob = createNodeKey(hex(keys.staticKeyB), primitives);
/** What a side draws for an ECIES envelope whose bytes do not matter. */
export const filler = {
  pad: Uint8Array.of(53),
  secret: new Uint8Array(32).fill(3),
  iv: new Uint8Array(16).fill(4),
};

/**
 * What a side draws, in order: nonce, ephemeral secret, then for ECIES padding (EIP-8 only),
 * secret, IV.
 */
export const draws = (nonce: string, ephemeral: string, format: HandshakeFormat): Random =>
  scriptedRandom(
    hex(nonce),
    hex(ephemeral),
    ...(format === 'eip8' ? [filler.pad] : []),
    filler.secret,
    filler.iv,
  );

export const local = (
  key: NodeKey,
  random: Random = systemRandom,
  by: Primitives = primitives,
): Local => ({
  key,
  random,
  primitives: by,
});

export const authNamed = (name: string) => vectors.eip8.auth.find((auth) => auth.name === name)!;
export const ackNamed = (name: string) =>
  hex(vectors.eip8.ack.find((ack) => ack.name === name)!.packet);
export const formatOf = (name: string): HandshakeFormat =>
  authNamed(name).format === 'eip8' ? 'eip8' : 'legacy';

export function aliceAsPublished(format: HandshakeFormat): Local {
  return local(alice, draws(keys.nonceA, keys.ephemeralKeyA, format));
}

export function bobAsPublished(format: HandshakeFormat): Local {
  return local(bob, draws(keys.nonceB, keys.ephemeralKeyB, format));
}

/** An auth body of alice to bob in which everything is right. */
export async function honestAuthBody() {
  const nonce = hex(keys.nonceA);
  const shared = await alice.ecdh(bob.publicKey);
  return {
    signature: primitives.sign(
      shared.map((byte, i) => byte ^ nonce[i]!),
      hex(keys.ephemeralKeyA),
    ),
    initiatorPublicKey: rawPublicKey(alice.publicKey),
    nonce,
  };
}

/** Any plaintext in a packet that decrypts. */
export async function sealFor(to: NodeKey, plaintext: Uint8Array, format: HandshakeFormat) {
  const shared = await primitives.ecdh(filler.secret, to.publicKey);
  const point = primitives.publicKeyOf(filler.secret);
  const size = format === 'eip8' ? sizePrefix(plaintext.length + 113) : new Uint8Array(0);
  return concatBytes(size, sealEcies(point, shared, plaintext, size));
}
