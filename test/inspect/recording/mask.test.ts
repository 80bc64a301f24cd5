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

  test('of a client name keeps its common parts', () => {
    const [software, own, ...rest] = mask
      .client('Geth/of mine/v1.2.3/of mine/linux-x64')
      .split('/');
    expect(own).toMatch(/^name-[0-9a-f]{12}$/);
    expect([software, ...rest]).toEqual(['Geth', 'v1.2.3', own, 'linux-x64']);
  });

  test('of a dial task or an endpoint proof is that of the first digits of the id', () => {
    for (const machine of ['dial-task', 'endpoint-proof', 'discv5-session', 'bootnode-name'])
      expect(mask.actorId(`${machine}:${below.slice(0, 8)}`)).toBe(
        `${machine}:${mask.id(below).slice(0, 8)}`,
      );
    expect(mask.actorId('connection-setup:12345678')).toBe('connection-setup:12345678');
  });

  test('of an IPv4 address inside IPv6 is that of the IPv4 address', () => {
    expect(mask.host('::ffff:192.0.2.1')).toBe(mask.host('192.0.2.1'));
  });

  test('of an empty text is empty', () => {
    const { id, publicKey, host, network, client, actorId, text } = mask;
    const all = [id, publicKey, host, network, client, actorId, text];
    expect(all.map((hide) => hide(''))).toEqual(Array(7).fill(''));
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
    ['from ::ffff:192.0.2.1:5', `from ${host}:5`],
    ['from fe80::1%br-lan.', `from ${mask.host('fe80::1%br-lan')}.`],
    ['in 192.0.2.0/24', `in ${mask.network('192.0.2.0/24')}`],
    ['in 2001:db8:1::/48', `in ${mask.network('2001:db8:1::/48')}`],
    ['dial-task:12aaaaaa', `dial-task:${mask.id(below).slice(0, 8)}`],
    ['peer:12', 'peer:12'],
    ['Geth/v1.16.7-stable/linux-amd64/go1.25', 'Geth/v1.16.7-stable/linux-amd64/go1.25'],
    ['3 of 5: too many', '3 of 5: too many'],
    [`0x${below}`, `0x${mask.id(below)}`],
    ['got "enode://x" and more', 'got "…" and more'],
    ['at enr:-abc_DEF here', 'at enr:… here'],
    [`cut in ${below.slice(0, 40)}…`, 'cut in …'],
    ['cut off', 'cut off'],
  ])('%s', ([text, shown]) => {
    expect(mask.text(text)).toBe(shown);
  });

  test('host names are replaced after their first use', () => {
    const met = createMask(new Uint8Array(32), self);
    const text = 'ENOTFOUND node.example, not my.node.example';
    expect(met.text(text)).toBe(text);
    const shown = met.host('node.example');
    expect(met.text(text)).toBe(`ENOTFOUND ${shown}, not ${met.host('my.node.example')}`);
  });

  test('host names are replaced once they are learned; addresses need not be', () => {
    const met = createMask(new Uint8Array(32), self);
    met.learn('Node.Example');
    met.learn('192.0.2.1');
    met.learn('');
    const shown = met.host('Node.Example');
    expect(met.text('ENOTFOUND node.example.')).toBe(`ENOTFOUND ${shown}.`);
  });

  test('parts of ids and keys are replaced, whatever their length from 16 digits', () => {
    for (const length of [16, 17, 40, 63, 65, 127])
      expect(mask.text(key.slice(0, length))).toMatch(/^hex-[0-9a-f]{12}$/);
    expect(mask.text(key.slice(0, 15))).toBe(key.slice(0, 15));
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

test('fields with words of ours are kept, also when a host has such a name', () => {
  const met = createMask(new Uint8Array(32), self);
  for (const name of ['peer', 'running', 'eth', 'failed', 'static', 'active']) met.learn(name);
  const value = {
    names: ['peer', 'running'],
    actors: [[1, 0, 'peer:12', -1, 0, 0, 0, 0, 'active', { direction: 'static', client: 'peer' }]],
    endings: [{ state: 'failed', actor: 'peer:12', facts: { state: 'peer', client: '192.0.2.1' } }],
  };
  const shown = maskAll(value, met);
  expect(shown.names).toEqual(value.names);
  expect(shown.actors[0]).toEqual([
    ...value.actors[0]!.slice(0, 9),
    { direction: 'static', client: met.client('peer') },
  ]);
  expect(shown.endings).toEqual([
    {
      state: 'failed',
      actor: 'peer:12',
      facts: { state: met.host('peer'), client: met.host('192.0.2.1') },
    },
  ]);
});

test('a line of evidence keeps the common parts of the client name that it quotes', () => {
  const evidence = ['their client: Geth/of mine', 'at 192.0.2.1'];
  expect(maskAll({ evidence }, mask)).toEqual({
    evidence: [`their client: ${mask.client('Geth/of mine')}`, `at ${mask.host('192.0.2.1')}`],
  });
});

test('rows of discovery have no id, no address, no record and no number of one', () => {
  const row = {
    ...{ seq: 1_798_761_600_001, record: 'enr:-JG4QCHHbb96' },
    ipv4: { why: 'static', remote: '192.0.2.1:30303' },
    path: [{ id: below, remote: '192.0.2.1:30303', answer: 'nodes' }],
  };
  const remote = `${mask.host('192.0.2.1')}:30303`;
  expect(maskAll(row, mask)).toEqual({
    ...{ seq: 0, record: 'enr:…' },
    ipv4: { why: 'static', remote },
    path: [{ id: mask.id(below), remote, answer: 'nodes' }],
  });
});
