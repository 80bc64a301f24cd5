import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  candidateFilterOf,
  headOf,
  NETWORK_NAMES,
  networkNamed,
} from '../../src/cli/network-option.ts';
import { nodeOfRecord, parseNode } from '../../src/io/crypto/node.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import { ethEntry, forkIdAt } from '../../src/io/wire/fork-id.ts';
import { NETWORKS, type Network } from '../../src/protocols/networks.ts';
import { enodeOf, keyOf } from '../support/world.ts';
import { scratch } from './scratch.ts';

const NOW_MS = 1_796_000_000_500;
const now = (): number => NOW_MS;

const nodeOn = (network: Network) => {
  const forkId = forkIdAt(network.chain, headOf(network, now)());
  const entries = new Map([['eth', recordValue(ethEntry(forkId))]]);
  return nodeOfRecord(signRecord({ seq: 1, entries }, keyOf(1)));
};

test('the head of an observer is the time of day, with every fork by block passed', () => {
  expect(headOf(NETWORKS.sepolia, now)()).toEqual({ block: 1_735_371, time: 1_796_000_000 });
});

test('on a network, its nodes are dialled, those of the other networks are not', () => {
  for (const ours of NETWORK_NAMES) {
    const wants = candidateFilterOf(NETWORKS[ours], now);
    for (const theirs of NETWORK_NAMES)
      expect(wants(nodeOn(NETWORKS[theirs]))).toBe(theirs === ours);
    expect(wants(parseNode(enodeOf(2)))).toBe(true);
  }
});

test('a network is named, or read from a file', async () => {
  expect(networkNamed('sepolia')).toBe(NETWORKS.sepolia);
  const path = join(await scratch(), 'own.json');
  await writeFile(path, JSON.stringify({ networkId: 9, genesisHash: '11'.repeat(32) }));
  expect(networkNamed(path)).toMatchObject({ name: 'own', chain: { networkId: 9 } });
  for (const wrong of ['Sepolia', 'toString', ''])
    expect(() => networkNamed(wrong)).toThrow(
      `there is no network ${wrong}: expected mainnet, sepolia, holesky, hoodi, or a file that ends in .json`,
    );
});
