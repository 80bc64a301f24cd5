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
    ['bytes behind the list', Uint8Array.of(...payload({}), 0)],
    ['a list for a version', payload({ version: [] })],
    ['a version with a leading zero', payload({ version: hex('0005') })],
    ['a version of 2⁵³', payload({ version: hex('20000000000000') })],
    ['a list for a client', payload({ client: [] })],
    ['a string for the capabilities', payload({ capabilities: text('eth') })],
    ['a list for a key', payload({ publicKey: [key] })],
    ['depth beyond the limit in a further item', payload({}, hexNested(16))],
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

  test('P3: a client name of 256 bytes is kept and one more is refused', () => {
    expect(decodeHello(payload({ client: text('é'.repeat(128)) })).client).toBe('é'.repeat(128));
    expect(() => decodeHello(payload({ client: new Uint8Array(257).fill(65) }))).toThrow(malformed);
  });

  test('P16: a client name that is not UTF-8 is read with losses, not refused', () => {
    expect(decodeHello(payload({ client: hex('61ff62c3') })).client).toBe('a\ufffdb\ufffd');
    expect(decodeHello(payload({ client: hex('efbbbf61') })).client).toBe('\ufeffa');
  });

  test('P3: 64 capabilities are read and one more is refused', () => {
    const caps = (count: number) => Array.from({ length: count }, (_, n) => [text('eth'), n]);
    expect(decodeHello(payload({ capabilities: caps(64) })).capabilities).toHaveLength(64);
    expect(() => decodeHello(payload({ capabilities: caps(65) }))).toThrow(malformed);
  });

  test('P3: duplicates and useless names do not count, and the order stays', () => {
    const capabilities = [
      ...Array.from({ length: 100 }, () => [text('snap'), 1]),
      ...Array.from({ length: 70 }, (_, n) => [text('ninechars'), n]),
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

  const names: [name: string, kept: boolean][] = [
    ['a', true],
    ['eightchr', true],
    ['ninechars', false],
    ['', false],
    ['a b', false],
    ['a\nb', false],
    ['eth\u0000', false],
    ['éth', false],
    ['les/2', true],
    ['!', true],
    ['~', true],
    ['\u007f', false],
    ['ETH', true],
    ['toString', true],
    ['__proto__', false],
    ['valueOf', true],
  ];
  for (const [name, kept] of names)
    test(`P3, P7: the capability ${JSON.stringify(name)} is ${kept ? 'kept' : 'left out'}`, () => {
      const capabilities = [
        [text(name), 1],
        [text('eth'), 68],
      ];
      const read = decodeHello(payload({ capabilities }));
      const eth = { name: 'eth', version: 68 };
      expect(read.capabilities).toEqual(kept ? [{ name, version: 1 }, eth] : [eth]);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });

  const pairs: [sentence: string, pair: RlpInput, version: number | null][] = [
    ['version 0', [text('wit'), 0], 0],
    ['version 2³¹−1', [text('wit'), 0x7fff_ffff], 0x7fff_ffff],
    ['version 2³¹', [text('wit'), 0x8000_0000], null],
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
      if (version === null) expect(() => decodeHello(bytes)).toThrow(malformed);
      else expect(decodeHello(bytes).capabilities).toEqual([{ name: 'wit', version }]);
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
