/** Decompression under a limit, beside two other decoders. */
import { concatBytes } from '@noble/hashes/utils.js';
import { SnappyDecompressor } from 'snappyjs/snappy_decompressor.js';

import { compress, decompress } from '../../src/io/wire/snappy.ts';
import { hex } from '../support/crypto.ts';
import { referenceUncompress } from './reference-snappy.ts';
import { demand, faultOr, sameBytes, type Target, textBytes } from './target.ts';

/** The first two bytes are the limit. */
export const snappy: Target = {
  name: 'snappy',
  maxBytes: 1024,
  words: ['ffffffff07', '8080808010', 'feffffff0f', 'fe0100', '0100', 'f0', 'fcffffffff'].map(hex),
  seeds: () => [
    hex('ffff00'),
    ...['', 'hello', 'hello hello hello hello ', 'ab'.repeat(300)].map((text) =>
      concatBytes(hex('ffff'), compress(textBytes(text))),
    ),
    concatBytes(hex('0800'), compress(new Uint8Array(2048))),
  ],
  run(input) {
    const limit = (input[0] ?? 0) * 256 + (input[1] ?? 0);
    const block = input.subarray(2);
    const out = faultOr(['messageTooBig', 'malformedSnappy'], () => decompress(block, limit));
    if (out === null) {
      const isClaimed = declaredBy(block) <= Math.min(limit, 32 * block.length + 64);
      demand(
        !isClaimed || referenceUncompress(block) === null,
        'only what is malformed is refused',
      );
      return null;
    }
    demand(out.length <= limit, 'the limit holds');
    const tooSmall = faultOr(['messageTooBig'], () => decompress(block, out.length - 1));
    demand(tooSmall === null, 'a byte less is too big');
    const reference = referenceUncompress(block);
    demand(reference !== null && sameBytes(out, reference), 'the reference says the same');
    const theirs = uncompressWithSnappyjs(block, out.length);
    demand(theirs === null || sameBytes(out, theirs), 'snappyjs says the same');
    demand(sameBytes(decompress(compress(out), limit), out), 'there and back');
    return out;
  },
};

/** Infinity when there is no length in front. */
function declaredBy(block: Uint8Array): number {
  const end = block.subarray(0, 5).findIndex((byte) => byte < 0x80);
  if (end < 0) return Number.POSITIVE_INFINITY;
  return block.subarray(0, end + 1).reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (7 * i), 0);
}

/** Null when it refuses: it also refuses some blocks that are well-formed, near their end. */
function uncompressWithSnappyjs(block: Uint8Array, length: number): Uint8Array | null {
  const decompressor = new SnappyDecompressor(block);
  if (decompressor.readUncompressedLength() !== length) return null;
  const out = new Uint8Array(length);
  return decompressor.uncompressToBuffer(out) ? out : null;
}
