import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Primitives } from '../../../src/io/crypto/primitives.ts';
import { createFrameReader, createFrameWriter } from '../../../src/io/crypto/rlpx-frame.ts';
import type { Session } from '../../../src/io/crypto/rlpx-session.ts';
import { MAX_FRAME_BYTES } from '../../../src/io/wire/frame-header.ts';
import {
  hex,
  type LegacyGist,
  loadVectors,
  chosenPrimitives as primitives,
  toHex,
} from '../../support/crypto.ts';
import {
  plainSession,
  readAll,
  sealedHead,
  seededHash,
  sessionWith,
  stubHash,
} from '../../support/frames.ts';

type Message = {
  frameSize: number;
  msgCode: number;
  frame: string;
  contentKeccak256: string;
  content?: string;
};
type Recording = {
  name: string;
  aesSecret: string;
  macSecret: string;
  ingressMacSeedUpdates: [string, string];
  messages: Message[];
};
const { frames } = loadVectors<{ frames: unknown[] }>('rlpx-frame.json');
const [golden, initiatorHello, receiverHello] = frames as {
  aesSecret: string;
  macSecret: string;
  msgCode: number;
  msgData: string;
  frame: string;
  decoded: { content: string };
}[];
const [peer1Start, peer2] = frames.slice(3, 5) as Recording[];
const badFrame = (frames[5] as { frame: string }).frame;
const peer1 = loadVectors<Recording>('rlpx-frames-besu-peer1.json');
const { legacyPreEip8: gist } = loadVectors<{ legacyPreEip8: LegacyGist }>('eip8-handshake.json');

describe('published frames', () => {
  test('FrameReadWrite: go-ethereum’s golden frame, with its stub for a hash', () => {
    const { aesSecret, macSecret, msgCode, msgData, frame } = golden!;
    const build = () => sessionWith(hex(aesSecret), hex(macSecret), () => stubHash);
    expect(toHex(createFrameWriter(build(), primitives).seal(msgCode, hex(msgData)))).toBe(frame);
    const read = createFrameReader(build(), primitives, 100).read(hex(frame), 0);
    expect(read.offset).toBe(frame.length / 2);
    expect(read.frame).toMatchObject({ code: msgCode, wireBytes: 64 });
    expect(toHex(read.frame!.payload)).toBe(msgData);
  });

  for (const [who, { frame, decoded }, nonce, packet] of [
    ['initiator', initiatorHello!, gist.receiverNonce, gist.authCiphertext],
    ['receiver', receiverHello!, gist.initiatorNonce, gist.authrespCiphertext],
  ] as const)
    test(`the Hello of the gist’s ${who} is read, and sealed the same`, () => {
      const [aes, mac] = [hex(gist.aesSecret), hex(gist.macSecret)];
      const seed = mac.map((byte, i) => byte ^ hex(nonce)[i]!);
      const build = () => sessionWith(aes, mac, () => seededHash(seed, hex(packet)));
      const { frame: read } = createFrameReader(build(), primitives, 2048).read(hex(frame), 0);
      expect(read!.code).toBe(0);
      expect(toHex(read!.payload)).toBe(decoded.content.slice(2));
      expect(toHex(createFrameWriter(build(), primitives).seal(0, read!.payload))).toBe(frame);
    });

  for (const recording of [peer1, peer1Start!, peer2!])
    for (const size of [1, 15, 16, 1460, 65_536, 1_000_000])
      test(`the session ${recording.name} (${recording.messages.length} frames) in pieces of ${size} bytes`, () => {
        const stream = hex(recording.messages.map(({ frame }) => frame).join(''));
        const reader = createFrameReader(sessionOf(recording), primitives, MAX_FRAME_BYTES);
        const read = readAll(reader, stream, size);
        expect(read).toHaveLength(recording.messages.length);
        for (const [index, message] of recording.messages.entries()) {
          const { code, payload, wireBytes } = read[index]!;
          expect(code).toBe(message.msgCode);
          expect(payload).toHaveLength(message.frameSize - 1);
          expect(wireBytes).toBe(message.frame.length / 2);
          const id = Uint8Array.of(code === 0 ? 0x80 : code);
          expect(toHex(primitives.keccak256(id, payload))).toBe(message.contentKeccak256);
        }
      });

  test('the session is sealed again byte for byte', () => {
    const reader = createFrameReader(sessionOf(peer1), primitives, MAX_FRAME_BYTES);
    const writer = createFrameWriter(sessionOf(peer1), primitives);
    for (const { frame } of peer1.messages) {
      const { code, payload } = reader.read(hex(frame), 0).frame!;
      expect(Buffer.from(writer.seal(code, payload)).equals(hex(frame))).toBe(true);
    }
  });

  test('Besu’s bad frame is refused', () => {
    const reader = createFrameReader(sessionOf(peer2!), primitives, 2048);
    expect(() => reader.read(hex(badFrame), 0)).toThrow(
      expect.objectContaining({ fault: 'badFrameMac' }),
    );
  });
});

describe('FrameWriter', () => {
  test('one buffer, as long as the format says', () => {
    const writer = createFrameWriter(plainSession(), primitives);
    for (const [bytes, wireBytes] of [
      [0, 64],
      [15, 64],
      [16, 80],
      [1000, 32 + 1008 + 16],
    ] as const) {
      expect(writer.seal(1, new Uint8Array(bytes))).toHaveLength(wireBytes);
    }
  });

  test('a frame keeps its bytes while others are sealed, by this writer and by another', () => {
    const [one, other] = [1, 2].map(() => createFrameWriter(plainSession(), primitives));
    const frames = Array.from({ length: 200 }, (_, index) => {
      const frame = (index % 3 ? one! : other!).seal(index, new Uint8Array(index * 17).fill(index));
      return { frame, copy: Uint8Array.from(frame) };
    });
    for (const { frame, copy } of frames) expect(frame).toEqual(copy);
  });

  test('a payload over the limit throws a RangeError and changes nothing', () => {
    const [writer, other] = [1, 2].map(() =>
      createFrameWriter(
        plainSession(() => stubHash),
        primitives,
      ),
    );
    const tooMuch = new Uint8Array(MAX_FRAME_BYTES);
    expect(() => writer!.seal(1, tooMuch)).toThrow(RangeError);
    expect(() => writer!.seal(0x80, tooMuch.subarray(1))).toThrow(RangeError);
    expect(() => writer!.seal(-1, new Uint8Array(0))).toThrow(RangeError);
    expect(writer!.seal(2, hex('c0'))).toEqual(other!.seal(2, hex('c0')));
    expect(writer!.seal(1, tooMuch.subarray(1))).toHaveLength(32 + 16 * 1024 * 1024 + 16);
  });

  test('does not touch the payload', () => {
    const payload = new Uint8Array(40).fill(6);
    createFrameWriter(plainSession(), primitives).seal(1, payload);
    expect(payload).toEqual(new Uint8Array(40).fill(6));
  });

  test('C9: both directions use one key stream, so known words reveal unknown ones', () => {
    const [ours, theirs] = [plainSession(), plainSession()].map((session) =>
      createFrameWriter(session, primitives),
    );
    const [known, secret] = [new Uint8Array(32).fill(1), new TextEncoder().encode('not a secret')];
    const first = ours!.seal(5, known).subarray(32);
    const second = theirs!.seal(5, secret).subarray(32);
    const revealed = secret.map((_, i) => first[i + 1]! ^ second[i + 1]! ^ known[i]!);
    expect(new TextDecoder().decode(revealed)).toBe('not a secret');
  });
});

describe('FrameReader', () => {
  test('what was sealed is read, in pieces of any size', () => {
    const message = fc.record({
      code: fc.oneof(fc.nat(0x110), fc.nat(0xffff_ffff)),
      payload: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 400 }),
        (messages, size) => {
          const writer = createFrameWriter(plainSession(), primitives);
          const sealed = messages.map(({ code, payload }) => writer.seal(code, payload));
          const reader = createFrameReader(plainSession(), primitives, 300);
          const read = readAll(reader, concatBytes(...sealed), size);
          expect(read).toEqual(
            messages.map((sent, index) => ({ ...sent, wireBytes: sealed[index]!.length })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  test('stops after one frame', () => {
    const writer = createFrameWriter(plainSession(), primitives);
    const [first, second] = [writer.seal(1, hex('c0')), writer.seal(2, hex('c1'))];
    const reader = createFrameReader(plainSession(), primitives, 100);
    const stream = concatBytes(hex('ffff'), first, second);
    const one = reader.read(stream, 2);
    expect([one.offset, one.frame?.code]).toEqual([66, 1]);
    const two = reader.read(stream, one.offset);
    expect([two.offset, two.frame?.code]).toEqual([130, 2]);
    expect(reader.read(stream, 130)).toEqual({ offset: 130, frame: null });
  });

  test('the payload shares no memory with the chunk', () => {
    const frame = createFrameWriter(plainSession(), primitives).seal(1, new Uint8Array(50).fill(5));
    const chunk = Buffer.alloc(64 * 1024);
    chunk.set(frame);
    const { payload } = createFrameReader(plainSession(), primitives, 100).read(chunk, 0).frame!;
    chunk.fill(0);
    expect(payload).toEqual(new Uint8Array(50).fill(5));
    expect(payload.buffer.byteLength).toBeLessThanOrEqual(64);
  });

  test('a lower limit does not reach a frame whose header was accepted', () => {
    const frame = createFrameWriter(plainSession(), primitives).seal(1, new Uint8Array(500));
    const reader = createFrameReader(plainSession(), primitives, 2048);
    reader.read(frame.subarray(0, 40), 0);
    reader.allow(10);
    expect(reader.read(frame, 40).frame?.payload).toHaveLength(500);
  });

  test('F2: the announced size of a frame and what is here of it are known until it is complete', () => {
    const frame = createFrameWriter(plainSession(), primitives).seal(1, new Uint8Array(99));
    const reader = createFrameReader(plainSession(), primitives, 1000);
    const sizes = [31, 32, 100, frame.length].map((end, i, ends) => {
      reader.read(frame.subarray(ends[i - 1] ?? 0, end), 0);
      const { announcedBytes, receivedBytes } = reader.partialFrame();
      return [announcedBytes, receivedBytes];
    });
    expect(sizes).toEqual([
      [0, 31],
      [100, 0],
      [100, 68],
      [0, 0],
    ]);
  });

  test('an invalid limit throws a RangeError', () => {
    for (const limit of [0, -1, 1.5, Number.NaN, MAX_FRAME_BYTES + 1])
      expect(() => createFrameReader(plainSession(), primitives, limit)).toThrow(RangeError);
  });

  test('after a fault it throws that same fault for ever', () => {
    const reader = createFrameReader(plainSession(), primitives, 2048);
    const faults = [new Uint8Array(32), new Uint8Array(0), sealedHead(16)].map((chunk) => {
      try {
        return reader.read(chunk, 0);
      } catch (error) {
        return error;
      }
    });
    expect(faults[0]).toMatchObject({ fault: 'badHeaderMac' });
    expect(new Set(faults).size).toBe(1);
  });

  test('the secrets it took are wiped', () => {
    const session = plainSession();
    const wiped: Uint8Array[] = [];
    const watching: Primitives = {
      ...primitives,
      aes256CtrStream(key) {
        wiped.push(key);
        return primitives.aes256CtrStream(key);
      },
      aes256Block(key) {
        wiped.push(key);
        return primitives.aes256Block(key);
      },
    };
    createFrameReader(session, watching, 1);
    createFrameWriter(session, watching);
    expect(wiped).toHaveLength(4);
    for (const secret of wiped) expect(secret).toEqual(new Uint8Array(32));
  });
});

function sessionOf({ aesSecret, macSecret, ingressMacSeedUpdates }: Recording): Session {
  const seeds = ingressMacSeedUpdates.map(hex);
  return sessionWith(hex(aesSecret), hex(macSecret), () => seededHash(...seeds));
}
