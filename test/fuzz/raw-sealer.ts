/** Frames with right MACs around anything: any header, any body, lengths that do not fit. What only an authenticated peer can send. */
import { concatBytes } from '@noble/hashes/utils.js';

import { createFrameMac } from '../../src/io/crypto/frame-mac.ts';
import { noblePrimitives } from '../../src/io/crypto/primitives.ts';
import { type Session, takeEgress } from '../../src/io/crypto/rlpx-session.ts';

/** Seals a plain header of 16 bytes and a plain body of any length. Frames chain: all must be sent, in order. */
export type RawSealer = (header: Uint8Array, body: Uint8Array) => Uint8Array;

export function createRawSealer(session: Session): RawSealer {
  const { aesSecret, macSecret, mac: hash } = takeEgress(session);
  const mac = createFrameMac(macSecret, hash, noblePrimitives);
  const { copy: encrypt } = noblePrimitives.aes256CtrStream(aesSecret);
  return (plainHeader, plainBody) => {
    const header = encrypt(plainHeader);
    const headerMac = mac.header(header).slice();
    const body = encrypt(plainBody);
    return concatBytes(header, headerMac, body, mac.body(body));
  };
}

/** A plain header that announces `size`. */
export function plainHeader(size: number): Uint8Array {
  const header = new Uint8Array(16);
  header.set([size >>> 16, size >>> 8, size, 0xc2, 0x80, 0x80]);
  return header;
}

/** Zero-filled to whole cipher blocks, as an honest frame is. */
export function padded(body: Uint8Array): Uint8Array {
  const filled = new Uint8Array(Math.ceil(body.length / 16) * 16);
  filled.set(body);
  return filled;
}
