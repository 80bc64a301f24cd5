import { describe, expect, test } from 'vitest';

import { createFrameMac } from '../../../src/io/crypto/frame-mac.ts';
import { chosenPrimitives, digestOf, hex, loadVectors, toHex } from '../../support/crypto.ts';
import { stubHash } from '../../support/frames.ts';

type MacVector = {
  name: string;
  macSecret: string;
  operations: { op: 'update' | 'header' | 'body'; dataHex: string }[];
  digest: string;
};
const { macs } = loadVectors<{ macs: MacVector[] }>('rlpx-frame.json');

describe('FrameMac', () => {
  for (const { name, macSecret, operations, digest } of macs)
    test(`vector: ${name}`, () => {
      const hash = chosenPrimitives.runningKeccak256();
      for (const { op, dataHex } of operations) if (op === 'update') hash.update(hex(dataHex));
      const mac = createFrameMac(hex(macSecret), hash, chosenPrimitives);
      let last = digestOf(hash).subarray(0, 16);
      for (const { op, dataHex } of operations) if (op !== 'update') last = mac[op](hex(dataHex));
      expect(toHex(last)).toBe(digest);
    });

  test('three digests and three absorptions a frame', () => {
    const calls = { update: 0, digest: 0 };
    const counting = {
      update: () => void calls.update++,
      digestInto: (out: Uint8Array) => void out.fill(++calls.digest),
    };
    const mac = createFrameMac(new Uint8Array(32), counting, chosenPrimitives);
    const before = { ...calls };
    mac.header(new Uint8Array(16));
    mac.body(new Uint8Array(160));
    expect(calls).toEqual({ update: before.update + 3, digest: before.digest + 3 });
  });

  test('the secret may be wiped once the MAC is set up', () => {
    const { macSecret } = macs[0]!;
    const wiped = hex(macSecret);
    const mac = createFrameMac(wiped, chosenPrimitives.runningKeccak256(), chosenPrimitives);
    wiped.fill(0);
    const other = createFrameMac(
      hex(macSecret),
      chosenPrimitives.runningKeccak256(),
      chosenPrimitives,
    );
    expect(mac.header(new Uint8Array(16))).toEqual(other.header(new Uint8Array(16)));
  });

  test('what it returns is overwritten by the next call', () => {
    const mac = createFrameMac(hex(macs[0]!.macSecret), stubHash, chosenPrimitives);
    expect(mac.header(new Uint8Array(16))).toBe(mac.body(new Uint8Array(16)));
  });
});
