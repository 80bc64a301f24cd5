import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Discv5Error } from '../../../src/io/wire/discv5-fault.ts';
import {
  DISCV5_TYPES,
  type Discv5Message,
  decodeDiscv5,
  encodeDiscv5,
} from '../../../src/io/wire/discv5-message.ts';
import { recordBytes } from '../../../src/io/wire/enr.ts';
import { hostOfBytes, plainHost } from '../../../src/io/wire/ip-address.ts';
import { encodeRlp, type RlpInput } from '../../../src/io/wire/rlp.ts';
import { hex, loadVectors, toHex } from '../../support/crypto.ts';

type Fields = {
  readonly enrSeq?: number;
  readonly ip?: string;
  readonly port?: number;
  readonly distances?: readonly number[];
  readonly total?: number;
  /** Their texts, or how many there are. */
  readonly records?: readonly string[] | number;
  readonly protocol?: string;
  readonly request?: string;
  readonly response?: string;
};
type Vectors = {
  readonly messages: readonly {
    readonly name: string;
    readonly message: string;
    readonly type: number;
    readonly fields: Fields;
    /** The items as they are; of one vector, the request id in `fields` is not that of its bytes. */
    readonly decodedLoose: readonly [requestId: string, ...rest: unknown[]];
  }[];
  readonly invalidMessages: readonly {
    readonly name: string;
    readonly message?: string;
    readonly encodeInput?: { readonly reqId: string } & Required<
      Pick<Fields, 'enrSeq' | 'ip' | 'port'>
    >;
  }[];
};
const { messages, invalidMessages } = loadVectors<Vectors>('discv5-wire.json');

/** The fields of a vector as we name them. */
function expected({ type, fields, decodedLoose }: Vectors['messages'][number]): object {
  const { enrSeq, ip, port, distances, total, records, protocol, request, response } = fields;
  const payload = request ?? response;
  return {
    type: Object.entries(DISCV5_TYPES).find(([, number]) => number === type)![0],
    requestId: decodedLoose[0],
    ...(enrSeq !== undefined && { recordSeq: enrSeq }),
    ...(ip !== undefined && { host: plainHost(hostOf(ip)), udpPort: port }),
    ...(distances && { distances }),
    ...(total !== undefined && { total }),
    ...(typeof records === 'object' && { records: records.map(recordBytes) }),
    ...(protocol !== undefined && { protocol }),
    ...(payload !== undefined && { payload: hex(payload) }),
  };
}

const hostOf = (ip: string): string => (/^[\da-f]{32}$/.test(ip) ? hostOfBytes(hex(ip)) : ip);

const encoded = (type: number, items: RlpInput): Uint8Array =>
  Uint8Array.of(type, ...encodeRlp(items));

function faultOf(bytes: Uint8Array): string | null {
  try {
    decodeDiscv5(bytes);
  } catch (error) {
    if (error instanceof Discv5Error) return error.fault;
    throw error;
  }
  return null;
}

describe('published messages', () => {
  for (const vector of messages)
    test(`${vector.name} is read, and written the same`, () => {
      const read = decodeDiscv5(hex(vector.message));
      expect(read).toMatchObject(expected(vector));
      if (typeof vector.fields.records === 'number')
        expect(read).toMatchObject({ records: { length: vector.fields.records } });
      expect(toHex(encodeDiscv5(read))).toBe(vector.message);
    });

  for (const { name, message, encodeInput } of invalidMessages)
    test(`${name} is refused`, () => {
      if (message !== undefined) {
        const fault = name === 'ping-9byte-reqid' ? 'requestIdTooLong' : 'malformedMessage';
        return expect(faultOf(hex(message))).toBe(fault);
      }
      const { reqId, enrSeq, ip, port } = encodeInput!;
      const pong = { type: 'pong' as const, requestId: reqId, recordSeq: enrSeq, host: ip };
      expect(() => encodeDiscv5({ ...pong, udpPort: port })).toThrow(RangeError);
    });
});

const requestId = fc.uint8Array({ maxLength: 8 }).map(toHex);
const recordSeq = fc.maxSafeNat();
const payload = fc.uint8Array({ maxLength: 60 });
const ofType = <Type extends Discv5Message['type']>(type: Type) => ({
  type: fc.constant(type),
  requestId,
});

const anyMessage: fc.Arbitrary<Discv5Message> = fc.oneof(
  fc.record({ ...ofType('ping'), recordSeq }),
  fc.record({
    ...ofType('pong'),
    recordSeq,
    host: fc
      .oneof(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      )
      .map(hostOfBytes),
    udpPort: fc.integer({ min: 0, max: 65_535 }),
  }),
  fc.record({ ...ofType('findNode'), distances: fc.array(fc.maxSafeNat(), { maxLength: 20 }) }),
  fc.record({
    ...ofType('nodes'),
    total: fc.maxSafeNat(),
    records: fc.array(
      payload.map((bytes) => encodeRlp([bytes, 1])),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    ...ofType('talkRequest'),
    protocol: fc.string({ unit: 'grapheme', maxLength: 20 }),
    payload,
  }),
  fc.record({ ...ofType('talkResponse'), payload }),
);

test('what is written is read', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(decodeDiscv5(encodeDiscv5(message))).toEqual(message);
    }),
  );
});

test('any bytes are a message or a Discv5Error', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 80 }), (type, rest) => {
      faultOf(Uint8Array.of(type, ...rest));
    }),
  );
});

describe('each fault has its name', () => {
  const ID = hex('01');
  test.for<[string, string, Uint8Array]>([
    ['no bytes', 'emptyMessage', new Uint8Array()],
    ['type 0', 'unknownMessageType', encoded(0, [ID, 1])],
    ['the first message about topics', 'unknownMessageType', encoded(7, [ID, 1])],
    ['a request id of nine bytes', 'requestIdTooLong', encoded(1, [hex('01'.repeat(9)), 1])],
    ['a list for a request id', 'malformedMessage', encoded(1, [[], 1])],
    ['no list', 'malformedMessage', encoded(1, 7)],
    ['bytes after the list', 'malformedMessage', Uint8Array.of(...encoded(1, [ID, 1]), 0)],
    ['one item too few', 'malformedMessage', encoded(1, [ID])],
    ['one item too many', 'malformedMessage', encoded(1, [ID, 1, 1])],
    ['a sequence number of nine bytes', 'malformedMessage', encoded(1, [ID, hex('01'.repeat(9))])],
    ['an address of five bytes', 'malformedMessage', encoded(2, [ID, 1, hex('7f00000102'), 1])],
    ['a port over 65535', 'malformedMessage', encoded(2, [ID, 1, hex('7f000001'), 65_536])],
    ['a string for distances', 'malformedMessage', encoded(3, [ID, 1])],
    ['a list for a distance', 'malformedMessage', encoded(3, [ID, [[]]])],
    ['a string for a record', 'malformedMessage', encoded(4, [ID, 1, [ID]])],
    ['a list for a protocol', 'malformedMessage', encoded(5, [ID, [], ID])],
    ['a list for a payload', 'malformedMessage', encoded(6, [ID, []])],
  ])('%s', ([, fault, bytes]) => {
    expect(faultOf(bytes)).toBe(fault);
  });
});

describe('what other clients send', () => {
  test('an empty request id is one', () => {
    expect(decodeDiscv5(encoded(1, [new Uint8Array(), 3]))).toEqual({
      type: 'ping',
      requestId: '',
      recordSeq: 3,
    });
  });

  test('an IPv4 address inside of an IPv6 one is IPv4', () => {
    const mapped = hex('00000000000000000000ffffc0000201');
    expect(decodeDiscv5(encoded(2, [hex('01'), 1, mapped, 5]))).toMatchObject({
      host: '192.0.2.1',
    });
  });

  test('distances and totals of any size are numbers', () => {
    const huge = hex('ff'.repeat(8));
    expect(decodeDiscv5(encoded(3, [hex('01'), [4_234_098, huge]]))).toMatchObject({
      distances: [4_234_098, Number.MAX_SAFE_INTEGER],
    });
    expect(decodeDiscv5(encoded(4, [hex('01'), huge, []]))).toMatchObject({
      total: Number.MAX_SAFE_INTEGER,
    });
  });

  test('a protocol that is no UTF-8 is none that a handler can have by chance', () => {
    const read = decodeDiscv5(encoded(5, [hex('01'), hex('ff41'), new Uint8Array()]));
    expect(read).toMatchObject({ protocol: '\ufffdA' });
  });
});

test('a request id of nine bytes is not written', () => {
  const ping = { type: 'ping' as const, requestId: '00'.repeat(9), recordSeq: 1 };
  expect(() => encodeDiscv5(ping)).toThrow(RangeError);
});

test('what was read shares no memory with the bytes', () => {
  const bytes = encodeDiscv5({ type: 'talkResponse', requestId: '01', payload: hex('0a0b') });
  const read = decodeDiscv5(bytes);
  bytes.fill(0);
  expect(read).toMatchObject({ payload: hex('0a0b') });
});
