import { describe, expect, test } from 'vitest';

import { createMask, maskAll, NO_MASK } from '../../../src/inspect/recording/mask.ts';

const self = `80${'0'.repeat(62)}`;
const below = `12${'a'.repeat(62)}`;
const above = `f2${'a'.repeat(62)}`;
const key = 'ab'.repeat(64);
const mask = createMask(new Uint8Array(32).fill(1), self);
const other = createMask(new Uint8Array(32).fill(2), self);

describe('a pseudonym', () => {
  test('is always the same in one recording, and differs in another', () => {
    expect(mask.id(below)).toBe(mask.id(below));
    expect(mask.id(below)).not.toBe(other.id(below));
    expect(mask.host('192.0.2.1')).not.toBe(other.host('192.0.2.1'));
  });

  test('has the form of the value it replaces', () => {
    expect(mask.id(below)).toMatch(/^[0-9a-f]{64}$/);
    expect(mask.publicKey(key)).toMatch(/^[0-9a-f]{128}$/);
    expect(mask.host('192.0.2.1')).toMatch(/^host-[0-9a-f]{12}$/);
    expect(mask.network('192.0.2.0/24')).toMatch(/^net-[0-9a-f]{12}$/);
  });

  test('of an id keeps its order relative to ours, by which crossed dials are settled', () => {
    for (const mine of [mask, other]) {
      expect(mine.id(below) < mine.id(self)).toBe(true);
      expect(mine.id(self) < mine.id(above)).toBe(true);
    }
    for (let index = 0; index < 256; index += 1) {
      const id = index.toString(16).padStart(2, '0') + '5'.repeat(62);
      expect(mask.id(id) < mask.id(self)).toBe(id < self);
    }
  });

  test('of an empty text is empty', () => {
    const { id, publicKey, host, network, text } = mask;
    expect([id, publicKey, host, network, text].map((hide) => hide(''))).toEqual(Array(5).fill(''));
  });
});

describe('in a text', () => {
  const host = mask.host('192.0.2.1');
  test.for<[text: string, shown: string]>([
    ['connect ECONNREFUSED 192.0.2.1:30303', `connect ECONNREFUSED ${host}:30303`],
    [`enode://${key}@192.0.2.1:1`, `enode://${mask.publicKey(key)}@${host}:1`],
    [`it is ${below}.`, `it is ${mask.id(below)}.`],
    [`it is ${below.toUpperCase()}.`, `it is ${mask.id(below)}.`],
    ['[2001:db8::1]:5', `[${mask.host('2001:db8::1')}]:5`],
    ['::1 is here', `${mask.host('::1')} is here`],
    ['in 192.0.2.0/24', `in ${mask.network('192.0.2.0/24')}`],
    ['in 2001:db8:1::/48', `in ${mask.network('2001:db8:1::/48')}`],
    ['dial-task:12aaaaaa', `dial-task:${mask.id(below).slice(0, 8)}`],
    ['peer:12', 'peer:12'],
    ['Geth/v1.16.7-stable/linux-amd64/go1.25', 'Geth/v1.16.7-stable/linux-amd64/go1.25'],
    ['3 of 5: too many', '3 of 5: too many'],
  ])('%s', ([text, shown]) => {
    expect(mask.text(text)).toBe(shown);
  });

  test('host names are replaced after their first use', () => {
    const met = createMask(new Uint8Array(32), self);
    const text = 'ENOTFOUND node.example, not my.node.example';
    expect(met.text(text)).toBe(text);
    const shown = met.host('node.example');
    expect(met.text(text)).toBe(`ENOTFOUND ${shown}, not my.node.example`);
  });
});

test('every string of a value is masked, and nothing else', () => {
  const value = { remote: '192.0.2.1:5', list: [below, 7, null], deep: { is: true } };
  expect(maskAll(value, mask)).toEqual({
    remote: `${mask.host('192.0.2.1')}:5`,
    list: [mask.id(below), 7, null],
    deep: { is: true },
  });
  expect(maskAll(value, NO_MASK)).toBe(value);
  expect(NO_MASK.text('192.0.2.1')).toBe('192.0.2.1');
});
