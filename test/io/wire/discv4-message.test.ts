import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  DISCV4_TYPES,
  type Discv4Message,
  decodeDiscv4,
  encodeDiscv4,
} from '../../../src/io/wire/discv4-message.ts';
import { WireError } from '../../../src/io/wire/error.ts';
import { hostOfBytes } from '../../../src/io/wire/ip-address.ts';
import { encodeRlp, type RlpInput } from '../../../src/io/wire/rlp.ts';
import { hex, toHex } from '../../support/crypto.ts';

const KEY = 'ab'.repeat(64);
const HASH = hex('cd'.repeat(32));
const PLACE = [hex('c0000201'), 30_303, 30_304];

const message = (type: number, items: RlpInput): Uint8Array =>
  Uint8Array.of(type, ...encodeRlp(items));

const host = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map(hostOfBytes);
const port = fc.integer({ min: 0, max: 65_535 });
const endpoint = fc.record({ host, udpPort: port, tcpPort: port });
const expiration = fc.maxSafeNat();
const recordSeq = fc.option(fc.maxSafeNat());
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const publicKey = fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toHex);

const messages: fc.Arbitrary<Discv4Message> = fc.oneof(
  fc.record({
    type: fc.constant('ping' as const),
    version: fc.nat(),
    from: endpoint,
    to: endpoint,
    expiration,
    recordSeq,
  }),
  fc.record({
    type: fc.constant('pong' as const),
    to: endpoint,
    pingHash: hash,
    expiration,
    recordSeq,
  }),
  fc.record({ type: fc.constant('findNode' as const), target: publicKey, expiration }),
  fc.record({
    type: fc.constant('neighbors' as const),
    nodes: fc.array(fc.record({ host, udpPort: port, tcpPort: port, publicKey }), {
      maxLength: 13,
    }),
    expiration,
  }),
  fc.record({ type: fc.constant('enrRequest' as const), expiration }),
  fc.record({
    type: fc.constant('enrResponse' as const),
    requestHash: hash,
    record: fc.constant(encodeRlp([HASH, 1])),
  }),
);

test('what is written is read', () => {
  fc.assert(
    fc.property(messages, (written) => {
      expect(decodeDiscv4(encodeDiscv4(written))).toEqual(written);
    }),
  );
});

test('any bytes are a message, a WireError, or of no type', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 80 }), (type, rest) => {
      try {
        const read = decodeDiscv4(Uint8Array.of(type, ...rest));
        expect(read === null).toBe(type < 1 || type > 6);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});

describe('what other clients send', () => {
  test('further items, and bytes after the list, are ignored', () => {
    const longer = Uint8Array.of(...message(DISCV4_TYPES.enrRequest, [7, HASH, [1, [2]]]), 1, 2, 3);
    expect(decodeDiscv4(longer)).toEqual({ type: 'enrRequest', expiration: 7 });
  });

  test('a list in place of the sequence number of a record is none', () => {
    const read = decodeDiscv4(message(DISCV4_TYPES.pong, [PLACE, HASH, 7, [1, 2]]));
    expect(read).toMatchObject({ type: 'pong', recordSeq: null });
  });

  test('an endpoint may have no address, and one of another length is none', () => {
    for (const address of [new Uint8Array(), hex('7f0000')]) {
      const read = decodeDiscv4(message(DISCV4_TYPES.pong, [[address, 1, 2], HASH, 7]));
      expect(read).toMatchObject({ to: { host: '', udpPort: 1, tcpPort: 2 } });
    }
  });

  test('an IPv4 address inside of an IPv6 one is IPv4', () => {
    const mapped = hex('00000000000000000000ffffc0000201');
    const read = decodeDiscv4(message(DISCV4_TYPES.pong, [[mapped, 1, 2], HASH, 7]));
    expect(read).toMatchObject({ to: { host: '192.0.2.1' } });
  });

  test('a neighbour without a usable address is left out, and the others are read', () => {
    const nodes = [
      [hex('7f0000'), 1, 2, hex(KEY)],
      [...PLACE, hex(KEY)],
    ];
    expect(decodeDiscv4(message(DISCV4_TYPES.neighbors, [nodes, 7]))).toEqual({
      type: 'neighbors',
      nodes: [{ host: '192.0.2.1', udpPort: 30_303, tcpPort: 30_304, publicKey: KEY }],
      expiration: 7,
    });
  });

  test('an expiration from 2⁶³ on is past, and one below stands for a far future', () => {
    const at = (time: string) => decodeDiscv4(message(DISCV4_TYPES.enrRequest, [hex(time)]));
    expect(at('8000000000000000')).toEqual({ type: 'enrRequest', expiration: 0 });
    expect(at('ffffffffffffffff')).toEqual({ type: 'enrRequest', expiration: 0 });
    expect(at('7fffffffffffffff')).toEqual({
      type: 'enrRequest',
      expiration: Number.MAX_SAFE_INTEGER,
    });
  });
});

describe('what is malformed', () => {
  test.for<[string, number, RlpInput]>([
    ['a ping without its last item', DISCV4_TYPES.ping, [4, PLACE, PLACE]],
    ['a string for an endpoint', DISCV4_TYPES.pong, [HASH, HASH, 7]],
    ['an endpoint without ports', DISCV4_TYPES.pong, [[hex('c0000201')], HASH, 7]],
    ['a port over 65535', DISCV4_TYPES.pong, [[hex('c0000201'), 65_536, 1], HASH, 7]],
    ['a port with a leading zero', DISCV4_TYPES.pong, [[hex('c0000201'), hex('0001'), 1], HASH, 7]],
    ['a list for a hash', DISCV4_TYPES.pong, [PLACE, [], 7]],
    ['a target of 63 bytes', DISCV4_TYPES.findNode, [new Uint8Array(63).fill(1), 7]],
    [
      'a neighbour with a key of 63 bytes',
      DISCV4_TYPES.neighbors,
      [[[...PLACE, hex(KEY.slice(2))]], 7],
    ],
    ['a neighbour of three items', DISCV4_TYPES.neighbors, [[PLACE], 7]],
    ['an expiration of nine bytes', DISCV4_TYPES.enrRequest, [hex('01'.repeat(9))]],
    ['a string for a record', DISCV4_TYPES.enrResponse, [HASH, HASH]],
    ['no list', DISCV4_TYPES.enrRequest, 7],
  ])('%s', ([, type, items]) => {
    expect(() => decodeDiscv4(message(type, items))).toThrow(/^malformedRlp: /);
  });
});
