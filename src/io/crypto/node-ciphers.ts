/**
 * Hashes and ciphers of Node for single inputs: three times as fast as JavaScript for the packets of a handshake. Keys are
 * key objects: Node 24 takes 15 µs more for the bytes of a key, Node 20 takes 1 µs less.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
} from 'node:crypto';
import { concatBytes } from '@noble/hashes/utils.js';

import { GCM_TAG_BYTES, type Primitives } from './primitives.ts';

export type Ciphers = Pick<
  Primitives,
  'sha256' | 'hmacSha256' | 'aes128Ctr' | 'aes128GcmSeal' | 'aes128GcmOpen'
>;

export const nodeCiphers: Ciphers = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return plain(hash.digest());
  },
  hmacSha256(key, ...parts) {
    const hmac = createHmac('sha256', createSecretKey(key));
    for (const part of parts) hmac.update(part);
    return plain(hmac.digest());
  },
  aes128Ctr: (key, iv, data) =>
    plain(createCipheriv('aes-128-ctr', createSecretKey(key), iv).update(data)),
  aes128GcmSeal(key, nonce, data, covered) {
    const cipher = createCipheriv('aes-128-gcm', createSecretKey(key), nonce);
    cipher.setAAD(covered);
    const encrypted = cipher.update(data);
    cipher.final();
    return concatBytes(encrypted, cipher.getAuthTag());
  },
  aes128GcmOpen(key, nonce, sealed, covered) {
    const tagAt = sealed.length - GCM_TAG_BYTES;
    if (tagAt < 0) return null;
    const decipher = createDecipheriv('aes-128-gcm', createSecretKey(key), nonce, {
      authTagLength: GCM_TAG_BYTES,
    });
    decipher.setAAD(covered);
    decipher.setAuthTag(sealed.subarray(tagAt));
    const opened = plain(decipher.update(sealed.subarray(0, tagAt)));
    try {
      decipher.final();
    } catch {
      opened.fill(0);
      return null;
    }
    return opened;
  },
};

/** A copy of its own: small buffers of Node share memory. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
