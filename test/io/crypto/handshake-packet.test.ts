import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createPacketReader,
  MAX_HANDSHAKE_BYTES,
  type PacketReader,
} from '../../../src/io/crypto/handshake-packet.ts';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import {
  hex,
  type LegacyGist,
  loadVectors,
  pieces,
  sizePrefix,
  toHex,
} from '../../support/crypto.ts';

type Packet = { name: string; format: string; packet: string };
const vectors = loadVectors<{
  eip8: { auth: Packet[]; ack: Packet[] };
  legacyPreEip8: LegacyGist;
  negative: { name: string; kind: 'auth' | 'ack'; packet: string; sizePrefix?: number }[];
}>('eip8-handshake.json');

const point = noblePrimitives.publicKeyOf(new Uint8Array(32).fill(1));
const following = hex('00112233445566778899');

const packets = [
  ...vectors.eip8.auth.map((vector) => ({ kind: 'auth' as const, ...vector })),
  ...vectors.eip8.ack.map((vector) => ({ kind: 'ack' as const, ...vector })),
  {
    kind: 'auth' as const,
    name: 'gist auth',
    format: 'legacy',
    packet: vectors.legacyPreEip8.authCiphertext,
  },
  {
    kind: 'ack' as const,
    name: 'gist ack',
    format: 'legacy',
    packet: vectors.legacyPreEip8.authrespCiphertext,
  },
];

describe('PacketReader', () => {
  for (const { kind, name, format, packet } of packets)
    for (const size of [1, 2, 3, 64, 66, 67, 1000])
      test(`reads ${name} in pieces of ${size} bytes and leaves what follows`, () => {
        const reader = createPacketReader(kind, { legacy: true });
        const found = readAll(reader, concat(hex(packet), following), size);
        expect(found.packet).not.toBeNull();
        expect(toHex(found.packet!.bytes)).toBe(packet);
        expect(found.packet!.format).toBe(format === 'eip8' ? 'eip8' : 'legacy');
        expect(found.consumed).toBe(packet.length / 2);
      });

  test('C17: with legacy off, an old auth is a size of 1,024 or more that never fills', () => {
    const old = hex(vectors.legacyPreEip8.authCiphertext);
    const reader = createPacketReader('auth', { legacy: false });
    expect(reader.read(old, 0)).toEqual({ offset: old.length, packet: null });
  });

  test('C4: a size is refused as soon as its two bytes are there, unless it is 113 to 2048', () => {
    const refused = expect.objectContaining({ fault: 'handshakeSizeOutOfRange' });
    for (const legacy of [true, false])
      for (const size of [...Array(121).keys(), 2047, 2048, 2049, 0x0fff, 65_535]) {
        const reader = createPacketReader('auth', { legacy });
        const [first, second] = pieces(sizePrefix(size), 1);
        expect(reader.read(first!, 0)).toEqual({ offset: 1, packet: null });
        if (size >= 113 && size <= MAX_HANDSHAKE_BYTES)
          expect(reader.read(second!, 0)).toEqual({ offset: 1, packet: null });
        else expect(() => reader.read(second!, 0)).toThrow(refused);
      }
  });

  for (const { name, kind, packet, sizePrefix: announced } of vectors.negative)
    test(`vector ${name}: the reader leaves the judgement to decryption, or waits`, () => {
      const reader = createPacketReader(kind, { legacy: true });
      const bytes = hex(packet);
      const size = (bytes[0]! << 8) | bytes[1]!;
      if (size < 113)
        expect(() => reader.read(bytes, 0)).toThrow(
          expect.objectContaining({ fault: 'handshakeSizeOutOfRange' }),
        );
      else if (announced !== undefined && size + 2 > bytes.length)
        expect(reader.read(bytes, 0)).toEqual({ offset: bytes.length, packet: null });
      else expect(reader.read(bytes, 0).packet?.format).toBe('eip8');
    });

  test('an EIP-8 packet whose size begins with 0x04 is told from an old one by the curve', () => {
    for (const size of [0x0400, 0x0404, 0x04ff])
      for (const kind of ['auth', 'ack'] as const)
        for (const step of [1, 2, 66, 67, 2000]) {
          const packet = concat(sizePrefix(size), point, new Uint8Array(size - 65));
          const reader = createPacketReader(kind, { legacy: true });
          const found = readAll(reader, concat(packet, following), step);
          expect(found.packet?.format).toBe('eip8');
          expect(found.consumed).toBe(size + 2);
        }
  });

  test('C7: an old or new packet without any point is refused after 67 bytes', () => {
    const junk = new Uint8Array(67).fill(4);
    const reader = createPacketReader('auth', { legacy: true });
    expect(reader.read(junk.subarray(0, 66), 0).packet).toBeNull();
    expect(() => reader.read(junk.subarray(66), 0)).toThrow(
      expect.objectContaining({ fault: 'invalidPublicKey' }),
    );
  });

  test('C5: memory follows the bytes that came', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 10_000 }, () => {
      const reader = createPacketReader('auth', { legacy: true });
      reader.read(sizePrefix(2048), 0);
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * readers.length);
  });

  test('after a fault it throws the same fault; after the packet it throws a TypeError', () => {
    const failed = createPacketReader('auth', { legacy: false });
    const faults = [0, 1].map(() => {
      try {
        return failed.read(sizePrefix(1), 0);
      } catch (error) {
        return error;
      }
    });
    expect(faults[0]).toBeInstanceOf(WireError);
    expect(faults[1]).toBe(faults[0]);

    const done = createPacketReader('auth', { legacy: false });
    done.read(concat(sizePrefix(113), new Uint8Array(113)), 0);
    expect(() => done.read(following, 0)).toThrow(TypeError);
  });

  test('the packet shares no memory with the chunk', () => {
    const chunk = concat(sizePrefix(113), new Uint8Array(113));
    const { packet } = createPacketReader('auth', { legacy: false }).read(chunk, 0);
    chunk.fill(1);
    expect(toHex(packet!.bytes)).toBe(`0071${'00'.repeat(113)}`);
    expect(packet!.bytes.buffer.byteLength).toBe(115);
  });

  test('any bytes give a packet, a fault or a wait, whatever the pieces', () => {
    const start = fc.constantFrom(
      new Uint8Array(0),
      Uint8Array.of(4),
      Uint8Array.of(4, 4),
      Uint8Array.of(0, 113),
      concat(sizePrefix(0x0410), point),
      point,
    );
    const bytes = fc
      .tuple(start, fc.uint8Array({ maxLength: 400 }))
      .map(([first, rest]) => concat(first, rest));
    const options = fc.record({ kind: fc.constantFrom('auth', 'ack'), legacy: fc.boolean() });
    fc.assert(
      fc.property(bytes, options, fc.integer({ min: 1, max: 90 }), (stream, options, size) => {
        const outcome = (step: number) => {
          const reader = createPacketReader(options.kind as 'auth' | 'ack', options);
          try {
            const { packet, consumed } = readAll(reader, stream, step);
            return [packet?.format, packet && toHex(packet.bytes), consumed];
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
            return (error as WireError).fault;
          }
        };
        expect(outcome(size)).toEqual(outcome(1000));
      }),
      { numRuns: 300 },
    );
  });
});

/** Feeds pieces until the packet is there; `consumed` counts from the start of `bytes`. */
function readAll(reader: PacketReader, bytes: Uint8Array, size: number) {
  let consumed = 0;
  for (const piece of pieces(bytes, size)) {
    const { offset, packet } = reader.read(piece, 0);
    consumed += offset;
    if (packet !== null) return { packet, consumed };
    expect(offset).toBe(piece.length);
  }
  return { packet: null, consumed };
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
