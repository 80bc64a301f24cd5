import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';

import {
  collectCapability,
  collectNode,
  readBoolean,
  readDialable,
  readDiscovery,
  readEndpoint,
  readHost,
  readName,
  readNat,
  readPort,
  readSeed,
  readSpeed,
  readText,
  readTimeout,
  readWord,
} from '../../src/cli/arguments.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';

const ENODE = `enode://${publicKeyHex(generateNodeKey().publicKey)}@127.0.0.1:30303`;

describe('valid values', () => {
  test.for([
    [readPort, '0', 0],
    [readPort, '65535', 65_535],
    [readBoolean, 'false', false],
    [readText, 'x', 'x'],
    [readWord(['a', 'b']), 'b', 'b'],
    [readEndpoint, '192.0.2.1:0', { host: '192.0.2.1', port: 0 }],
    [readEndpoint, '[::]:30303', { host: '::', port: 30_303 }],
    [readSeed, '4294967295', 4_294_967_295],
    [readSpeed, '0.5', 0.5],
    [readSpeed, '20', 20],
    [readTimeout, '20', 20],
    [readTimeout, '0.5', 0.5],
    [readName, 'é'.repeat(128), 'é'.repeat(128)],
    [readHost, '::1', '::1'],
    [readNat, 'pmp:192.168.1.1', 'pmp:192.168.1.1'],
  ] as const)('%o reads %s', ([read, text, value]) => {
    expect(read(text)).toEqual(value);
  });

  test('an enode is read, a list of them is kept as written', () => {
    expect(readDialable(ENODE).text).toBe(ENODE);
    expect(collectNode(ENODE, collectNode(ENODE))).toEqual([ENODE, ENODE]);
  });
});

test('ways to find nodes are a list, or none', () => {
  expect(readDiscovery('v5,dns,v4')).toEqual({ versions: ['v4', 'v5'], isDns: true });
  expect(readDiscovery('v5')).toEqual({ versions: ['v5'], isDns: false });
  expect(readDiscovery('none')).toEqual({ versions: [], isDns: false });
  for (const text of ['', 'v6', 'v4,none', 'v4 v5'])
    expect(() => readDiscovery(text)).toThrow(InvalidArgumentError);
});

test('capabilities are a list of names with versions, each once', () => {
  const eth = collectCapability('eth/69');
  expect(collectCapability('a-b.c_d!/0', eth)).toEqual([
    { name: 'eth', version: 69 },
    { name: 'a-b.c_d!', version: 0 },
  ]);
  expect(collectCapability('eth/68', eth)).toHaveLength(2);
  expect(collectCapability('mine/1:5')).toEqual([{ name: 'mine', version: 1, length: 5 }]);
  expect(() => collectCapability('eth/69', eth)).toThrow(InvalidArgumentError);
});

describe('wrong values', () => {
  test.for([
    [readPort, '65536'],
    [readPort, '-1'],
    [readPort, '1.5'],
    [readPort, '0x10'],
    [readPort, ''],
    [readPort, ' 1'],
    [readBoolean, 'yes'],
    [readText, ''],
    [readWord(['a', 'b']), 'c'],
    [readEndpoint, '192.0.2.1'],
    [readEndpoint, ':::30303'],
    [readEndpoint, 'a:65536'],
    [readSeed, '4294967296'],
    [readSeed, '1.5'],
    [readSpeed, '0'],
    [readSpeed, '21'],
    [readSpeed, '-1'],
    [readTimeout, '0'],
    [readTimeout, '1e3'],
    [readTimeout, '86401'],
    [readTimeout, 'NaN'],
    [readName, 'é'.repeat(129)],
    [readHost, ''],
    [readDialable, 'enode://'],
    [readDialable, '\u001b[2J'],
    [collectNode, 'enr:-abc'],
    [collectCapability, 'eth'],
    [collectCapability, 'eth/x'],
    [collectCapability, 'eth/69/1'],
    [collectCapability, 'eth/69:0'],
    [collectCapability, 'eth/69:65536'],
    [collectCapability, 'ninechars/1'],
    [collectCapability, '/1'],
    [collectCapability, 'e h/1'],
  ] as const)('%o refuses "%s"', ([read, text]) => {
    expect(() => read(text)).toThrow(InvalidArgumentError);
  });
});
