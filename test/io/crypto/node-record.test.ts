import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createNodeKey } from '../../../src/io/crypto/node-key.ts';
import {
  endpointOf,
  readRecord,
  recordValue,
  signRecord,
} from '../../../src/io/crypto/node-record.ts';
import { rawPublicKey } from '../../../src/io/crypto/public-key.ts';
import {
  encodeContent,
  encodeRecord,
  formatRecord,
  RecordError,
  recordBytes,
} from '../../../src/io/wire/enr.ts';
import { parseIp } from '../../../src/io/wire/ip-address.ts';
import { hex, type InvalidPoints, loadVectors, toHex } from '../../support/crypto.ts';

type Entries = Readonly<Record<string, string | number>>;
type Vectors = {
  readonly valid: readonly {
    readonly name: string;
    readonly text: string;
    readonly nodeId: string;
    readonly publicKeyUncompressed: string;
  }[];
  readonly invalid: readonly {
    readonly name: string;
    readonly text?: string;
    /** Instead of a text. */
    readonly rlp?: string;
    readonly referenceReason: string;
  }[];
  readonly endpointSelection: readonly {
    readonly name: string;
    readonly entries: Entries;
    readonly want: { readonly ip: string | null; readonly udp: number; readonly tcp: number };
  }[];
  readonly recordSemantics: readonly { readonly name: string; readonly text?: string }[];
};
const { valid, invalid, endpointSelection, recordSemantics } = loadVectors<Vectors>('enr.json');
const points = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');

const key = createNodeKey(new Uint8Array(32).fill(1));
const SIGNATURE = new Uint8Array(64).fill(1);

const bytesOf = ({ text, rlp = '' }: { readonly text?: string; readonly rlp?: string }) =>
  text === undefined ? hex(rlp) : recordBytes(text);

const bytesOfHost = (host: string): Uint8Array => Uint8Array.from(parseIp(host)!.toByteArray());

const recordOf = (entries: Entries, seq = 1) =>
  signRecord(
    {
      seq,
      entries: new Map(
        Object.entries(entries).map(([name, value]) => [
          name,
          recordValue(typeof value === 'string' ? bytesOfHost(value) : value),
        ]),
      ),
    },
    key,
  );

/** Records whose signature is right: only an entry of theirs cannot be read. */
const isPortVector = (name: string): boolean =>
  /^sigp-port-leading-zero-(0|30|255)$|^udp-70000-signed$/.test(name);

describe('readRecord', () => {
  for (const { name, text, nodeId, publicKeyUncompressed } of valid)
    test(`reads ${name}`, () => {
      const record = readRecord(recordBytes(text));
      expect(record.id).toBe(nodeId);
      expect(toHex(rawPublicKey(record.publicKey))).toBe(publicKeyUncompressed);
      expect(formatRecord(record.bytes)).toBe(text);
    });

  for (const vector of invalid.filter(({ name }) => !isPortVector(name)))
    test(`refuses ${vector.name}: ${vector.referenceReason}`, () => {
      expect(() => readRecord(bytesOf(vector))).toThrow(RecordError);
    });

  for (const vector of invalid.filter(({ name }) => isPortVector(name)))
    test(`as go-ethereum, reads ${vector.name} without its port`, () => {
      const { tcpPort, udpPort } = endpointOf(readRecord(bytesOf(vector)));
      expect(Math.min(tcpPort, udpPort)).toBe(0);
    });

  test('a signature with a high s is refused', () => {
    const { text = '' } = recordSemantics.find(({ name }) => name === 'high-s-signature')!;
    expect(() => readRecord(recordBytes(text))).toThrow(/^badRecordSignature: /);
  });

  const faultOf = (entries: readonly (readonly [string, Uint8Array])[], signature = SIGNATURE) => {
    const content = encodeContent({
      seq: 1,
      entries: new Map(entries.map(([name, value]) => [name, recordValue(value)])),
    });
    try {
      readRecord(encodeRecord(signature, content));
    } catch (error) {
      return error instanceof RecordError ? error.fault : error;
    }
    return null;
  };
  const V4 = ['id', new TextEncoder().encode('v4')] as const;
  const { entries: ours } = recordOf({});

  test('each fault has its name', () => {
    const secp256k1 = ['secp256k1', hex(toHex(ours.get('secp256k1')!).slice(2))] as const;
    expect(faultOf([secp256k1])).toBe('unknownIdentityScheme');
    expect(faultOf([['id', Uint8Array.of(0x76, 0x35)], secp256k1])).toBe('unknownIdentityScheme');
    expect(faultOf([V4])).toBe('invalidPublicKey');
    expect(faultOf([V4, secp256k1])).toBe('badRecordSignature');
    expect(faultOf([V4, secp256k1], SIGNATURE.subarray(1))).toBe('badRecordSignature');
  });

  for (const { why, bytes } of points.malformed.filter(
    (point) => !/^compressed, residue/.test(point.why),
  ))
    test(`the key of a record: ${why} is refused`, () => {
      expect(faultOf([V4, ['secp256k1', hex(bytes)]])).toBe('invalidPublicKey');
    });

  for (const { order, point } of points.small_order)
    test(`the key of a record: a point of order ${order} off the curve is refused`, () => {
      const isOdd = (Number.parseInt(point.slice(-2), 16) & 1) === 1;
      const compressed = hex(`${isOdd ? '03' : '02'}${point.slice(2, 66)}`);
      const full = hex(point);
      expect(faultOf([V4, ['secp256k1', full]])).toBe('invalidPublicKey');
      // the x of such a point may belong to a point of the curve too: then only the signature is wrong
      expect(['invalidPublicKey', 'badRecordSignature']).toContain(
        faultOf([V4, ['secp256k1', compressed]]),
      );
    });
});

describe('signRecord', () => {
  test('what is signed is read', () => {
    const dictionary = fc.dictionary(
      fc.string({ unit: 'binary-ascii', maxLength: 6 }),
      fc.uint8Array({ maxLength: 12 }),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(dictionary, fc.maxSafeNat(), (values, seq) => {
        const entries = new Map(
          Object.entries(values).map(([name, value]) => [name, recordValue(value)]),
        );
        entries.delete('id');
        entries.delete('secp256k1');
        const record = signRecord({ seq, entries }, key);
        const read = readRecord(record.bytes);
        expect(read).toEqual(record);
        expect([read.seq, read.id]).toEqual([seq, key.id]);
        for (const [name, value] of entries) expect(read.entries.get(name)).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });

  test('a change of any byte is refused', () => {
    const { bytes } = recordOf({ ip: '192.0.2.1', udp: 30_303 });
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = new Uint8Array(bytes);
      changed[at]! ^= 1;
      expect(() => readRecord(changed)).toThrow(RecordError);
    }
  });

  test('a record that would be too big is an error', () => {
    const entries = new Map([['z', recordValue(new Uint8Array(300))]]);
    expect(() => signRecord({ seq: 1, entries }, key)).toThrow(/^recordTooBig: /);
  });
});

describe('endpointOf', () => {
  for (const { name, entries, want } of endpointSelection)
    test(name, () => {
      const { host, hostKind, tcpPort, udpPort } = endpointOf(recordOf(entries));
      const wanted = want.ip === null ? '' : parseIp(want.ip)!.toString();
      expect([host, tcpPort, udpPort]).toEqual([wanted, want.tcp, want.udp]);
      expect(hostKind).toBe(wanted === '' ? 'none' : wanted.includes(':') ? 'ipv6' : 'ipv4');
    });

  test('an IPv4 address inside of an IPv6 one is IPv4, with its ports', () => {
    const { entries } = recordOf({ udp: 1, udp6: 2 });
    const mapped = recordValue(hex('00000000000000000000ffffc0000201'));
    expect(endpointOf({ entries: new Map([...entries, ['ip6', mapped]]) })).toEqual({
      host: '192.0.2.1',
      hostKind: 'ipv4',
      tcpPort: 0,
      udpPort: 1,
    });
  });

  test('IPv6 without ports of its own has those of IPv4', () => {
    const record = recordOf({ ip6: '2001:db8::1', tcp: 30_303, udp: 30_304, udp6: 30_306 });
    expect(endpointOf(record)).toMatchObject({ tcpPort: 30_303, udpPort: 30_306 });
  });

  test.for([
    ['ip', Uint8Array.of(1, 2, 3)],
    ['ip', new Uint8Array(16)],
    ['ip', Uint8Array.of(224, 0, 0, 1)],
    ['ip6', Uint8Array.of(192, 0, 2, 1)],
    ['ip6', hex(`ff02${'0'.repeat(27)}1`)],
  ] as const)('an address in %s that is none counts as absent', ([name, value]) => {
    const { entries } = recordOf({});
    const wrong = new Map([...entries, [name, recordValue(value)]]);
    expect(endpointOf({ entries: wrong }).hostKind).toBe('none');
  });
});
