import { describe, expect, test } from 'vitest';

import {
  type FilterSubject,
  matches,
  readFilter,
  without,
} from '../../../../src/inspect/page/model/filter.ts';

const peer: FilterSubject = {
  stage: 'peer',
  states: ['running.resting'],
  reason: '',
  direction: 'inbound',
  remote: '10.20.30.40:30303',
  client: 'Geth/v1.16.7-stable',
  id: 'abcdef0123',
  key: '12',
  age: 90_000,
};
const ended: FilterSubject = {
  ...peer,
  stage: '',
  states: ['ending.refused.tooManyPeers', 'closed'],
  reason: 'ending.refused.tooManyPeers',
  direction: 'static',
  remote: '[2001:db8::7]:30303',
};

const fits = (text: string, subject: FilterSubject = peer) => matches(readFilter(text), subject);

describe('matching a live peer', () => {
  test.for<[text: string, isThere: boolean]>([
    ['', true],
    ['geth', true],
    ['10.20', true],
    ['#12', true],
    ['abcdef', true],
    ['reth', false],
    ['geth reth', false],
    ['-reth', true],
    ['-geth', false],
    ['stage:peer', true],
    ['stage:hello', false],
    ['state:running', true],
    ['state:resting', true],
    ['state:RESTING', true],
    ['state:running.resting', true],
    ['state:run', false],
    ['reason:tooManyPeers', false],
    ['-state:running', false],
    ['dir:in', true],
    ['dir:inbound', true],
    ['dir:out', false],
    ['-dir:out', true],
    ['client:v1.16', true],
    ['client:"geth/v1"', true],
    ['ip:10.', true],
    ['ip:20.', false],
    ['ip:10.0.0.0/8', true],
    ['ip:10.20.30.41/32', false],
    ['ip:10.20.30.41/31', true],
    ['ip:0.0.0.0/0', true],
    ['ip:10.20.30.40/33', false],
    ['ip:999.0.0.0/8', false],
    ['ip:30303', false],
    ['id:abcd', true],
    ['id:0xABCD', true],
    ['id:enode://abcd', true],
    ['id:bcd', false],
    ['age:<2m', true],
    ['age:<90', false],
    ['age:>90', true],
    ['age:90s', true],
    ['age:>1h', false],
  ])('%s', ([text, isThere]) => {
    expect(fits(text)).toBe(isThere);
  });
});

describe('matching an ended connection', () => {
  test.for<[text: string, isThere: boolean]>([
    ['reason:tooManyPeers', true],
    ['reason:ending.refused', true],
    ['reason:refused.tooManyPeers', true],
    ['reason:ending.rejected', false],
    ['state:closed', true],
    ['dir:static', true],
    ['dir:dynamic', false],
    ['dir:out', true],
    ['ip:2001:db8', true],
    ['ip:10.0.0.0/8', false],
  ])('%s', ([text, isThere]) => {
    expect(fits(text, ended)).toBe(isThere);
  });
});

test('an invalid term is marked, says what is wrong, and matches everything', () => {
  const flaws = [
    ['age:old', 'not a time, such as <5s or >2m'],
    ['dir:sideways', 'not one of in, inbound, out, outbound, static, dynamic'],
    ['dir:constructor', 'not one of in, inbound, out, outbound, static, dynamic'],
    ['stage:late', expect.stringContaining('not one of dialling, tcp, ')],
    ['state:', 'nothing after "state:"'],
    ['ip:""', 'nothing after "ip:"'],
    ['foo:bar', 'unknown key "foo:"'],
    ['-reson:self', 'unknown key "reson:"'],
  ] as const;
  for (const [text, flaw] of flaws) {
    const [term] = readFilter(text);
    expect([term!.isBad, term!.flaw, fits(text)]).toEqual([true, flaw, true]);
  }
});

test('an address and a host with its port are text', () => {
  for (const text of ['::1', 'fe80::1', 'ab:cd', 'localhost:30303', '10.0.0.1:5'])
    expect(readFilter(text)).toMatchObject([{ key: 'text', value: text, isBad: false }]);
});

test('words in quotes are one term, closed or not', () => {
  expect(readFilter('client:"a b" "c d').map(({ value }) => value)).toEqual(['a b', 'c d']);
});

test('one term can be removed', () => {
  const text = 'state:running  -dir:in geth';
  expect(without(text, readFilter(text)[1]!)).toBe('state:running geth');
});

test('more than 16 terms are not read', () => {
  expect(readFilter('a '.repeat(40))).toHaveLength(16);
});
