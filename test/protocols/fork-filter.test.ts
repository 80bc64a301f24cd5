import { expect, test } from 'vitest';
import { nodeOfRecord, parseNode } from '../../src/io/crypto/node.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import {
  type Chain,
  ethEntry,
  type ForkId,
  forkIdAt,
  headAtTime,
} from '../../src/io/wire/fork-id.ts';
import { forkFilter } from '../../src/protocols/fork-filter.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { enodeOf, keyOf } from '../support/world.ts';

const { chain } = NETWORKS.hoodi;
const [prague, osaka, bpo1, bpo2] = chain.times as [number, number, number, number];

const idOf = (on: Chain, time: number): ForkId => forkIdAt(on, headAtTime(on, time));

const nodeWith = (eth: Uint8Array | null) =>
  nodeOfRecord(signRecord({ seq: 1, entries: new Map(eth ? [['eth', eth]] : []) }, keyOf(1)));

const announcing = (forkId: ForkId) => nodeWith(recordValue(ethEntry(forkId)));

const filterAt = (time: number, passUnknown?: boolean) =>
  forkFilter({
    chain,
    head: () => headAtTime(chain, time),
    ...(passUnknown !== undefined && { passUnknown }),
  });

test('a node of the same chain passes, at the same fork, behind it and ahead of it', () => {
  for (const time of [prague, osaka, bpo1, bpo2])
    expect(filterAt(bpo1)(announcing(idOf(chain, time)))).toBe(true);
});

test('a node of another chain does not pass, nor one that does not know a fork that has passed', () => {
  const { sepolia } = NETWORKS;
  expect(filterAt(bpo1)(announcing(idOf(sepolia.chain, bpo1)))).toBe(false);
  const old = { ...chain, times: [prague] };
  expect(filterAt(bpo1)(announcing(idOf(old, bpo1)))).toBe(false);
  expect(filterAt(prague)(announcing(idOf(old, bpo1)))).toBe(true);
});

test('a node without a fork id passes, unless it is asked for', () => {
  for (const node of [nodeWith(null), parseNode(enodeOf(2))]) {
    expect(filterAt(bpo1)(node)).toBe(true);
    expect(filterAt(bpo1, false)(node)).toBe(false);
  }
});

test('a node whose fork id cannot be read does not pass', () => {
  for (const bytes of [recordValue(7), recordValue([]), recordValue([[Uint8Array.of(1), 2]])])
    expect(filterAt(bpo1)(nodeWith(bytes))).toBe(false);
});
