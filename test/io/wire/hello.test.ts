import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeHello, encodeHello, type Hello } from '../../../src/io/wire/hello.ts';
import { encodeRlp, type RlpInput } from '../../../src/io/wire/rlp.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';
import vectors from '../../vectors/rlpx-frame.json' with { type: 'json' };
import besu from '../../vectors/rlpx-frames-besu-peer1.json' with { type: 'json' };

const hex = hexToBytes;
const text = (value: string) => new TextEncoder().encode(value);
const malformed = fault('malformedHello');
const key = new Uint8Array(64).fill(7);

type Fields = [version: RlpInput, client: RlpInput, caps: RlpInput, port: RlpInput, key: RlpInput];

/** A good Hello with some fields replaced. */
function payload(fields: Partial<Record<keyof Hello, RlpInput>>, ...extra: RlpInput[]): Uint8Array {
  const hello: Fields = [
    fields.version ?? 5,
    fields.client ?? text('test'),
    fields.capabilities ?? [[text('eth'), 68]],
    fields.listenPort ?? 0,
    fields.publicKey ?? key,
  ];
  return encodeRlp([...hello, ...extra]);
}

const capability = fc.record({
  name: fc.stringMatching(/^[!-~]{1,8}$/),
  version: fc.nat(0x7fff_ffff),
});
const hello: fc.Arbitrary<Hello> = fc.record({
  version: fc.maxSafeNat(),
  client: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => text(one).length <= 256),
  capabilities: fc.uniqueArray(capability, {
    maxLength: 64,
    selector: ({ name, version }) => `${name}/${version}`,
  }),
  listenPort: fc.nat(65_535),
  publicKey: fc
    .uint8Array({ minLength: 64, maxLength: 64 })
    .filter((bytes) => bytes.some((byte) => byte > 0))
    .map(bytesToHex),
});

describe('Hello, published', () => {
  for (const { name, payload, decoded, expect: verdict } of vectors.hello)
    test(`${name} is read`, () => {
      const read = decodeHello(hex(payload));
      expect(read).toEqual({
        version: decoded.version,
        client: decoded.clientId,
        capabilities: decoded.caps.map(([name, version]) => ({ name, version })),
        listenPort: decoded.listenPort,
        publicKey: decoded.nodeId,
      });
      if (verdict.includes('byte-identically')) expect(bytesToHex(encodeHello(read))).toBe(payload);
    });

  for (const { name, decoded } of vectors.frames)
    if (decoded?.helloNodeId !== undefined)
      test(`the Hello in ${name} is read and written`, () => {
        const bytes = hex(decoded.content).subarray(1);
        const read = decodeHello(bytes);
        expect(read).toEqual({
          version: decoded.helloVersion,
          client: decoded.helloClientId,
          capabilities: decoded.helloCaps.map(([name, version]) => ({ name, version })),
          listenPort: decoded.helloListenPort,
          publicKey: decoded.helloNodeId,
        });
        expect(encodeHello(read)).toEqual(bytes);
      });

  test(`the Hello in ${besu.name} is read and written`, () => {
    const bytes = hex(besu.messages[0]!.content!).subarray(1);
    const read = decodeHello(bytes);
    expect(read.client).toBe(besu.messages[0]!.hello!.clientId);
    expect(read.publicKey).toBe(besu.messages[0]!.hello!.nodeId);
    expect(encodeHello(read)).toEqual(bytes);
  });

  test('a Hello of version 55 with further items is read (nim-eth, EIP-8)', () => {
    const vector = vectors.baseProtocolPayloads.find(({ expect }) => expect === 'accept')!;
    const read = decodeHello(hex(vector.messageCodePlusData).subarray(1));
    expect(read.version).toBe(55);
    expect(read.capabilities).toEqual([
      { name: 'eth', version: 61 },
      { name: 'mork', version: 22 },
    ]);
  });

  const refusals = vectors.handshakeErrors.filter(({ code }) => code === 0);
  for (const vector of refusals)
    test(`ProtocolHandshakeErrors: ${vector.data.slice(0, 12)} gives ${vector.expect}`, () => {
      const expected = vector.expect.includes('invalid identity')
        ? fault('invalidIdentity')
        : malformed;
      expect(() => decodeHello(hex(vector.data))).toThrow(expected);
    });
});

describe('Hello', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(hello, (ours) => {
        expect(decodeHello(encodeHello(ours))).toEqual(ours);
      }),
    );
  });

  test('any bytes are a Hello or a fault of one', () => {
    expectDecodesOrFaults(decodeHello, ['malformedHello', 'invalidIdentity']);
  });

  test('any change of one byte gives a Hello or a WireError', () => {
    const changed = fc
      .tuple(hello, fc.nat(), fc.nat(255))
      .map(([ours, at, byte]) => [encodeHello(ours), at, byte] as const)
      .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte));
    expectDecodesOrFaults(decodeHello, ['malformedHello', 'invalidIdentity'], changed);
  });

  test('one that no client accepts throws a RangeError', () => {
    const ours = decodeHello(payload({}));
    expect(() => encodeHello({ ...ours, client: 'x'.repeat(2048) })).toThrow(RangeError);
  });

  const broken: [sentence: string, bytes: Uint8Array][] = [
    ['no bytes', new Uint8Array(0)],
    ['four items', encodeRlp([5, text('test'), [], 0])],
    ['a list for a version', payload({ version: [] })],
    ['a version with a leading zero', payload({ version: hex('0005') })],
    ['a version of 2⁶⁴', payload({ version: hex('010000000000000000') })],
    ['a list for a client', payload({ client: [] })],
    ['a string for the capabilities', payload({ capabilities: text('eth') })],
    ['a list for a key', payload({ publicKey: [key] })],
  ];
  for (const [sentence, bytes] of broken)
    test(`${sentence}: malformed`, () => {
      expect(() => decodeHello(bytes)).toThrow(malformed);
    });
});

describe('P3: the limits of Hello', () => {
  test('P2, P3: 2048 bytes are read and one more is refused', () => {
    const room = 2048 - payload({}, new Uint8Array(1000)).length + 1000;
    const most = payload({}, new Uint8Array(room));
    expect(most).toHaveLength(2048);
    expect(decodeHello(most).client).toBe('test');
    expect(() => decodeHello(payload({}, new Uint8Array(room + 1)))).toThrow(malformed);
  });

  for (const [sentence, publicKey] of [
    ['63 bytes', key.subarray(1)],
    ['65 bytes', new Uint8Array(65).fill(7)],
    ['no bytes', new Uint8Array(0)],
    ['64 zero bytes', new Uint8Array(64)],
  ] as const)
    test(`P3: a key of ${sentence} is an invalid identity`, () => {
      expect(() => decodeHello(payload({ publicKey }))).toThrow(fault('invalidIdentity'));
    });

  test('D15, P3: a client name is cut at 256 bytes, between two characters', () => {
    const clientOf = (client: string) => decodeHello(payload({ client: text(client) })).client;
    expect(() => clientOf('A'.repeat(257))).not.toThrow();
    expect(clientOf('é'.repeat(128))).toBe('é'.repeat(128));
    expect(clientOf('é'.repeat(129))).toBe('é'.repeat(128));
    expect(clientOf(`a${'é'.repeat(128)}`)).toBe(`a${'é'.repeat(127)}`);
    expect(clientOf('A'.repeat(1_900))).toBe('A'.repeat(256));
  });

  test('P16: a client name that is not UTF-8 is read with losses, not refused', () => {
    expect(decodeHello(payload({ client: hex('61ff62c3') })).client).toBe('a\ufffdb\ufffd');
    expect(decodeHello(payload({ client: hex('efbbbf61') })).client).toBe('\ufeffa');
  });

  test('D15, P3: every capability that fits into 2 KiB is read', () => {
    const capabilities = Array.from({ length: 300 }, (_, n) => [text('x'), n]);
    const read = decodeHello(payload({ capabilities: [...capabilities, [text('eth'), 68]] }));
    expect(read.capabilities).toHaveLength(301);
    expect(read.capabilities.at(-1)).toEqual({ name: 'eth', version: 68 });
  });

  test('P3: duplicates are left out, and the order stays', () => {
    const capabilities = [
      ...Array.from({ length: 100 }, () => [text('snap'), 1]),
      [text('eth'), 69],
      [text('eth'), 68],
      [text('eth'), 69],
    ];
    expect(decodeHello(payload({ capabilities })).capabilities).toEqual([
      { name: 'snap', version: 1 },
      { name: 'eth', version: 69 },
      { name: 'eth', version: 68 },
    ]);
  });

  test('bytes behind the list and anything in further items are ignored', () => {
    const longer = Uint8Array.of(...payload({}), 0, 1);
    expect(() => decodeHello(longer)).not.toThrow();
    expect(decodeHello(longer).client).toBe('test');
    expect(decodeHello(payload({}, hexNested(16))).client).toBe('test');
  });

  test('a version beyond 2⁵³ is read as 2⁵³ − 1', () => {
    const version = hex('ffffffffffffffff');
    const read = decodeHello(payload({ version, capabilities: [[text('wit'), version]] }));
    expect(read.version).toBe(Number.MAX_SAFE_INTEGER);
    expect(read.capabilities).toEqual([{ name: 'wit', version: Number.MAX_SAFE_INTEGER }]);
  });

  const names: [name: string, read: string][] = [
    ['a', 'a'],
    ['eightchr', 'eightchr'],
    ['ninechars', 'ninechars'],
    ['', ''],
    ['a b', 'a\\u{20}b'],
    ['a\nb', 'a\\u{a}b'],
    ['eth\u0000', 'eth\\u{0}'],
    ['éth', '\\u{e9}th'],
    ['les/2', 'les/2'],
    ['!', '!'],
    ['~', '~'],
    ['\u007f', '\\u{7f}'],
    ['ETH', 'ETH'],
    ['toString', 'toString'],
    ['__proto__', '__proto__'],
    ['valueOf', 'valueOf'],
    ['x'.repeat(33), 'x'.repeat(32)],
    ['é'.repeat(9), '\\u{e9}'.repeat(5)],
  ];
  for (const [name, read] of names)
    test(`D15, P3, P7: the capability ${JSON.stringify(name)} is read as ${read}`, () => {
      const capabilities = [
        [text(name), 1],
        [text('eth'), 68],
      ];
      const eth = { name: 'eth', version: 68 };
      expect(decodeHello(payload({ capabilities })).capabilities).toEqual([
        { name: read, version: 1 },
        eth,
      ]);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

  const pairs: [sentence: string, pair: RlpInput, version: number | null][] = [
    ['version 0', [text('wit'), 0], 0],
    ['version 2³¹−1', [text('wit'), 0x7fff_ffff], 0x7fff_ffff],
    ['version 2³¹', [text('wit'), 0x8000_0000], 0x8000_0000],
    ['version 2⁶⁴', [text('wit'), hex('010000000000000000')], null],
    ['a version with a leading zero', [text('wit'), hex('0001')], null],
    ['a version that is a list', [text('wit'), []], null],
    ['a name that is a list', [[], 1], null],
    ['no version', [text('wit')], null],
    ['a string for the pair', text('wit'), null],
    ['a third item', [text('wit'), 1, 2], 1],
  ];
  for (const [sentence, pair, version] of pairs)
    test(`P3: a capability with ${sentence} is ${version === null ? 'malformed' : 'read'}`, () => {
      const bytes = payload({ capabilities: [pair] });
      if (version === null) return expect(() => decodeHello(bytes)).toThrow(malformed);
      expect(() => decodeHello(bytes)).not.toThrow();
      expect(decodeHello(bytes).capabilities).toEqual([{ name: 'wit', version }]);
    });

  const ports: [sentence: string, port: RlpInput, read: number][] = [
    ['65535', 65_535, 65_535],
    ['65536', 65_536, 0],
    ['2⁶⁴−1', hex('ff'.repeat(8)), 0],
    ['a leading zero', hex('00ff'), 0],
    ['a list', [1], 0],
  ];
  for (const [sentence, listenPort, read] of ports)
    test(`P3: the listen port ${sentence} is read as ${read}`, () => {
      expect(decodeHello(payload({ listenPort })).listenPort).toBe(read);
    });
});

/** That many lists in each other. */
function hexNested(depth: number): RlpInput {
  return Array.from({ length: depth }).reduce<RlpInput>((inner) => [inner], 1);
}
