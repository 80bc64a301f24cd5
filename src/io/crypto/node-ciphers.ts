/** Hashes and ciphers of Node for single inputs: three times as fast as JavaScript for the packets of a handshake. */
import { createCipheriv, createHash, createHmac } from 'node:crypto';

import type { Primitives } from './primitives.ts';

export type Ciphers = Pick<Primitives, 'sha256' | 'hmacSha256' | 'aes128Ctr'>;

export const nodeCiphers: Ciphers = {
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return plain(hash.digest());
  },
  hmacSha256(key, ...parts) {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return plain(hmac.digest());
  },
  aes128Ctr: (key, iv, data) => plain(createCipheriv('aes-128-ctr', key, iv).update(data)),
};

/** A copy of its own: small buffers of Node share memory. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
