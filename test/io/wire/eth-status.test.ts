import { describe, expect, test } from 'vitest';
import { decodeStatus, type EthStatus, encodeStatus } from '../../../src/io/wire/eth-status.ts';
import { encodeRlp } from '../../../src/io/wire/rlp.ts';
import { hex } from '../../support/crypto.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';

const genesis = 'd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3';
const forkId = { hash: 'fc64ec04', next: 1_150_000n };
const base = { networkId: 1n, genesis, forkId };
const withRange: EthStatus = {
  ...{ ...base, version: 69n, earliest: 0n, latest: 7n, latestHash: '11'.repeat(32) },
};
const withDifficulty: EthStatus = {
  ...{ ...base, version: 68n, totalDifficulty: 2n ** 200n, head: '22'.repeat(32) },
};

describe('a Status', () => {
  test.each([
    [68, withDifficulty],
    [69, withRange],
    [70, withRange],
    [71, withRange],
    [72, withRange],
  ])('of eth/%d is read as it was written', (version, status) => {
    expect(decodeStatus(version, encodeStatus(status))).toEqual(status);
  });

  test('has its items in the order of the specification', () => {
    const fork = [hex('fc64ec04'), 1_150_000];
    const hash = hex(genesis);
    expect(encodeStatus(withRange)).toEqual(
      encodeRlp([69, 1, hash, fork, 0, 7, new Uint8Array(32).fill(0x11)]),
    );
    expect(encodeStatus({ ...withDifficulty, totalDifficulty: 5n })).toEqual(
      encodeRlp([68, 1, 5, new Uint8Array(32).fill(0x22), hash, fork]),
    );
  });

  test('of one form is none of the other', () => {
    expect(() => decodeStatus(69, encodeStatus(withDifficulty))).toThrow(fault('malformedRlp'));
    expect(() => decodeStatus(68, encodeStatus(withRange))).toThrow(fault('malformedRlp'));
  });

  test.each([
    [
      'one item more',
      encodeRlp([69, 1, hex(genesis), [hex('fc64ec04'), 0], 0, 7, hex(genesis), 1]),
    ],
    ['a short genesis', encodeRlp([69, 1, hex('d4'), [hex('fc64ec04'), 0], 0, 7, hex(genesis)])],
    [
      'a long network id',
      encodeRlp([
        69,
        hex('010000000000000000'),
        hex(genesis),
        [hex('fc64ec04'), 0],
        0,
        7,
        hex(genesis),
      ]),
    ],
    ['257 bytes', encodeRlp(new Uint8Array(254))],
  ])('with %s is refused', (_title, payload) => {
    expect(() => decodeStatus(69, payload)).toThrow(fault('malformedRlp'));
  });

  test.each([
    ['a difficulty of 33 bytes', new Uint8Array(33).fill(1)],
    ['a difficulty with a leading zero', hex('0001')],
  ])('of eth/68 with %s is refused', (_title, difficulty) => {
    const hash = hex(genesis);
    const payload = encodeRlp([68, 1, difficulty, hash, hash, [hex('fc64ec04'), 0]]);
    expect(() => decodeStatus(68, payload)).toThrow(fault('malformedRlp'));
  });

  test('is read from any bytes, or refused', () => {
    expectDecodesOrFaults((bytes) => decodeStatus(68, bytes), ['malformedRlp']);
    expectDecodesOrFaults((bytes) => decodeStatus(69, bytes), ['malformedRlp']);
  });
});
