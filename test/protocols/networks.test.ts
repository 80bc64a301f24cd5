import { describe, expect, test } from 'vitest';
import { parseTreeUrl } from '../../src/io/crypto/dns-tree-entry.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { forkIdAt, headAtTime } from '../../src/io/wire/fork-id.ts';
import { NETWORKS, networkOf } from '../../src/protocols/networks.ts';
import { loadVectors } from '../support/crypto.ts';

type Vectors = {
  readonly chains: Readonly<
    Record<
      string,
      { readonly genesis: string; readonly blocks: number[]; readonly times: number[] }
    >
  >;
};

const { chains } = loadVectors<Vectors>('eth-forkid.json');

/** Forks that were announced after the vectors were made. */
const LATER: Readonly<Record<string, readonly number[]>> = { sepolia: [1_791_294_816] };

/** 2026-11-30, in Unix seconds. */
const NOW = 1_796_000_000;

for (const network of Object.values(NETWORKS))
  describe(network.name, () => {
    const { name, chain, bootnodes, dnsTrees, source } = network;

    test('has the genesis and the forks of the published vectors', () => {
      const { genesis, blocks, times } = chains[name]!;
      expect(chain.genesisHash).toBe(genesis);
      expect(chain.blocks).toEqual(blocks);
      expect(chain.times).toEqual([...times, ...(LATER[name] ?? [])]);
    });

    test('has bootnodes and DNS node lists that can be read', () => {
      expect(bootnodes.length).toBeGreaterThan(1);
      const nodes = bootnodes.map((text) => parseNode(text));
      expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
      for (const { udpPort, hostKind } of nodes) {
        expect(udpPort).toBeGreaterThan(0);
        expect(hostKind).not.toBe('none');
      }
      for (const url of dnsTrees) expect(parseTreeUrl(url).domain).toContain(name);
    });

    test('says where its facts are from, with a date', () => {
      expect(source).toMatch(/^go-ethereum.* of \d{4}-\d{2}-\d{2}$/);
    });

    test('is recognised by its chain', () => {
      expect(networkOf(chain)).toBe(network);
      expect(networkOf({ ...chain, networkId: 7 })).toBe(null);
    });
  });

// of forkid.NewID of go-ethereum v1.17.10 for its mainnet, sepolia and hoodi
test('the networks have fork ids of their own', () => {
  const ids = Object.values(NETWORKS).map(
    ({ chain }) => forkIdAt(chain, headAtTime(chain, NOW)).hash,
  );
  expect(ids).toEqual(['07c9462e', '6c1d9423', '9bc6cb31', '23aa1351']);
  expect(new Set(ids).size).toBe(4);
});
