/** The frame reader behind a finished handshake: MACs are right, the content is the input. */
import { concatBytes } from '@noble/hashes/utils.js';

import { defaultSet, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { createFrameReader } from '../../src/io/crypto/rlpx-frame.ts';
import { WireError } from '../../src/io/wire/error.ts';
import { hex, pieces } from '../support/crypto.ts';
import { plainSession } from '../support/frames.ts';
import { ByteSource } from './byte-source.ts';
import { createRawSealer, padded, plainHeader, type RawSealer } from './raw-sealer.ts';
import { demand, demandEqual, type Target } from './target.ts';

/** Most frames of one input. */
const MAX_FRAMES = 12;

const LIMITS = [1, 16, 100, 2049, 0xffffff];

/** The limit, the size of the pieces, then frames: how the size lies, the header behind it, the body. */
export const frames: Target = {
  name: 'frame-reader',
  maxBytes: 1024,
  words: ['0000', 'c28080', '8180', '820100', '84ffffffff'].map(hex),
  seeds: () => [
    hex(`0310${'00000301c0ff'.repeat(3)}`),
    hex(`0400000040${'10'.repeat(64)}`),
    hex('030701000410c0c0c0020002ffff'),
  ],
  run(input) {
    const source = new ByteSource(input);
    const limit = source.pick(LIMITS);
    const pieceBytes = 1 + source.byte();
    const seal = createRawSealer(plainSession());
    const stream: Uint8Array[] = [];
    let honest = 0;
    while (!source.isEmpty && stream.length < MAX_FRAMES) {
      const { frame, isHonest } = sealedBy(source, seal, limit);
      if (isHonest && honest === stream.length) honest += 1;
      stream.push(frame);
    }
    const bytes = concatBytes(...stream);
    const whole = readAll(bytes, Math.max(1, bytes.length), limit);
    demandEqual(readAll(bytes, pieceBytes, limit), whole, 'however it is cut, it is the same');
    demand(whole.read.length >= honest, 'frames without a lie are read, up to the first with one');
    for (const { payload } of whole.read) demand(payload.length < limit, 'the limit holds');
    return whole;
  },
};

/** Honest: the size is that of the body, which fits and begins with an id of one byte, and nothing was changed. */
function sealedBy(source: ByteSource, seal: RawSealer, limit: number) {
  const lie = source.byte();
  const body = source.bytes(source.below(300));
  const header = plainHeader(sizeSaid(lie, body.length));
  if (lie & 0x08) header.set(source.bytes(13), 3);
  const frame = seal(header, lie & 0x10 ? body : padded(body));
  if (lie & 0x20) frame[source.below(frame.length)]! ^= 1 << source.below(8);
  const id = body[0] ?? 0;
  return {
    frame: lie & 0x40 ? frame.subarray(source.below(frame.length)) : frame,
    isHonest: (lie & ~0x88) === 0 && body.length <= limit && id > 0 && id < 0x80,
  };
}

/** Mostly the truth. */
function sizeSaid(lie: number, bytes: number): number {
  if ((lie & 7) === 1) return bytes + 1;
  if ((lie & 7) === 2) return Math.max(0, bytes - 1);
  if ((lie & 7) === 3) return 0xffffff;
  return bytes;
}

function readAll(stream: Uint8Array, pieceBytes: number, limit: number) {
  const reader = createFrameReader(plainSession(), primitivesOf(defaultSet()).primitives, limit);
  const read: { code: number; payload: Uint8Array; wireBytes: number }[] = [];
  for (const piece of pieces(stream, pieceBytes))
    for (let offset = 0; offset < piece.length; ) {
      try {
        const step = reader.read(piece, offset);
        demand(step.offset > offset, 'every call comes further');
        offset = step.offset;
        if (step.frame) read.push(step.frame);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        return { read, fault: error.fault };
      }
    }
  return { read, fault: null };
}
