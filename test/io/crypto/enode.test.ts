import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatEnode, parseEnode } from '../../../src/io/crypto/enode.ts';
import { nodeId, publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { hex, type InvalidPoints, loadVectors } from '../../support/crypto.ts';

type Result = { id: string; ip: string | null; hostname: string | null; tcp: number; udp: number };
type Vectors = {
  valid: { name: string; url: string; result: Result; canonical?: boolean }[];
  invalid: { name: string; url: string }[];
  divergent: { name: string; url: string; verdicts: { geth: string }; gethResult?: Result }[];
};
const { valid, invalid, divergent } = loadVectors<Vectors>('enode-urls.json');
const points = loadVectors<InvalidPoints>('invalid-secp256k1-points.json');

const KEY = valid[0]!.result.id;

describe('parseEnode', () => {
  for (const { name, url, result, canonical } of valid.filter(hasHost))
    test(`reads ${name}`, () => {
      expectResult(url, result);
      if (canonical === true) expect(formatEnode(parseEnode(url))).toBe(url);
    });

  for (const { name, url } of valid.filter((vector) => !hasHost(vector)))
    test(`unlike go-ethereum, refuses a node without a host: ${name}`, () => {
      expect(() => parseEnode(url)).toThrow(TypeError);
    });

  for (const { name, url } of invalid)
    test(`refuses ${name}`, () => {
      expect(() => parseEnode(url)).toThrow(TypeError);
    });

  for (const { name, url, verdicts, gethResult } of divergent)
    test(`where clients differ, does as go-ethereum: ${name}`, () => {
      if (gethResult !== undefined && (gethResult.ip ?? gethResult.hostname) !== null)
        expectResult(url, gethResult);
      else expect(() => parseEnode(url)).toThrow(TypeError);
      if (gethResult === undefined) expect(verdicts.geth).toMatch(/^reject/);
    });

  const badKeys = [
    ...points.small_order.map(({ order, point }) => ({ why: `order ${order}`, bytes: point })),
    ...points.malformed.filter(({ bytes }) => bytes.startsWith('04') && bytes.length === 130),
  ];
  for (const { why, bytes } of badKeys)
    test(`C1, C2, C3: a key that is no point is refused: ${why}`, () => {
      expect(() => parseEnode(`enode://${bytes.slice(2)}@h:1`)).toThrow(/point of secp256k1/);
    });

  const refusals: [sentence: string, url: string, message: RegExp][] = [
    ['an IPv6 address without brackets', `enode://${KEY}@::1:30303`, /IPv6 in brackets/],
    ['an IPv4 address in brackets', `enode://${KEY}@[127.0.0.1]:1`, /IPv6/],
    ['an IPv6 zone', `enode://${KEY}@[fe80::1%25eth0]:1`, /IPv6 address without a zone/],
    ['a port above 65535', `enode://${KEY}@127.0.0.1:65536`, /port expected 0 to 65535/],
    ['a port that is no number', `enode://${KEY}@127.0.0.1:0x10`, /port expected/],
    ['a discport that is no number', `enode://${KEY}@h:1?discport=1e3`, /discport expected/],
    ['a key of 126 digits', `enode://${KEY.slice(2)}@h:1`, /public key expected 128 hex digits/],
    ['a host with an underscore and a hash', `enode://${KEY}@a_b!:1`, /host expected/],
    ['a label of 64 letters', `enode://${KEY}@${'a'.repeat(64)}:1`, /host expected/],
    ['a name of 255 letters', `enode://${KEY}@${'ab.'.repeat(85)}:1`, /host expected/],
    ['a name that begins with a hyphen', `enode://${KEY}@-a:1`, /host expected/],
  ];
  for (const [sentence, url, message] of refusals)
    test(`refuses ${sentence} with a message`, () => {
      expect(() => parseEnode(url)).toThrow(message);
    });

  const url = `enode://${KEY}@127.0.0.1:1`;
  const blanks: [sentence: string, url: string, message: string][] = [
    ['a line break at the end', `${url}\n`, 'a line break (U+000A) at its end'],
    [
      'a carriage return and a line break at the end',
      `${url}\r\n`,
      'a carriage return (U+000D) at its end',
    ],
    ['spaces at the end', `${url}  `, 'a space (U+0020) at its end'],
    ['a tab at the beginning', `\t${url}`, 'a tab (U+0009) at its beginning'],
    [
      'a byte order mark',
      `\ufeff${url}`,
      'a character that is not printable ASCII (U+FEFF) at its beginning',
    ],
    ['a space inside', url.replace('@', ' @'), 'a space (U+0020) as character 137'],
    ['only a line break', '\n', 'a line break (U+000A) at its beginning'],
  ];
  for (const [sentence, given, message] of blanks)
    test(`names the blank and its place: ${sentence}`, () => {
      expect(() => parseEnode(given)).toThrow(
        new TypeError(`enode URL expected no blanks, got ${message}`),
      );
    });

  test('what it repeats of a wrong value is short and printable', () => {
    const hostile = `enode://\u001b[31m${'x'.repeat(100_000)}`;
    try {
      parseEnode(hostile);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toMatch(/^[\x20-\x7e…]{1,200}$/);
    }
  });

  test('a wrong value that is repeated in part ends with three dots, and a whole one does not', () => {
    const shown = `got "${'x'.repeat(60)}`;
    expect(() => parseEnode(`enode://${'x'.repeat(61)}@h:1`)).toThrow(`${shown}…"`);
    expect(() => parseEnode(`enode://${'x'.repeat(60)}@h:1`)).toThrow(`${shown}"`);
  });

  test('an IPv4 address written as IPv6 is the IPv4 address', () => {
    const { host, hostKind } = parseEnode(`enode://${KEY}@[::ffff:1.2.3.4]:1`);
    expect([host, hostKind]).toEqual(['1.2.3.4', 'ipv4']);
  });

  test('the scheme and the key may be in capitals', () => {
    const enode = parseEnode(`ENODE://${KEY.toUpperCase()}@h:1`);
    expect(publicKeyHex(enode.publicKey)).toBe(KEY);
  });

  test('any string is read or refused with a TypeError', () => {
    const authority = fc.stringMatching(/^[a-f0-9.:[\]%@]{0,40}$/);
    const text = fc.oneof(
      fc.string(),
      authority.map((host) => `enode://${KEY}@${host}`),
      fc.tuple(authority, fc.nat(70_000)).map(([host, port]) => `enode://${KEY}@${host}:${port}`),
    );
    fc.assert(
      fc.property(text, (url) => {
        try {
          const enode = parseEnode(url);
          expect(parseEnode(formatEnode(enode))).toEqual(enode);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function hasHost({ result }: { result: Result }): boolean {
  return result.ip !== null || result.hostname !== null;
}

function expectResult(url: string, { id, ip, hostname, tcp, udp }: Result): void {
  const enode = parseEnode(url);
  expect(publicKeyHex(enode.publicKey)).toBe(id);
  expect(enode.id).toBe(nodeId(enode.publicKey));
  expect(hex(enode.id)).toHaveLength(32);
  expect(enode.host).toBe(ip === null ? hostname : ip.replace(':0:0:', '::'));
  expect(enode.hostKind).toBe(ip === null ? 'name' : ip.includes(':') ? 'ipv6' : 'ipv4');
  expect([enode.tcpPort, enode.udpPort]).toEqual([tcp, udp]);
}
