/** Options that choose which nodes are dialled, and how many. */
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { dialGenerator } from '../../src/machines/dialing/dial-generator.ts';
import { checkOptions } from '../../src/server/config.ts';

const key = createNodeKey(new Uint8Array(32).fill(7));
const check = (options: object) => checkOptions({ nodeKey: key, ...options } as ServerOptions);

describe('the share of dials', () => {
  test.for([
    [0, 0],
    [1, 1],
    [10, 5],
    [25, 13],
    [50, 25],
  ] as const)(
    'is half of %i peers, rounded up, by the rule of go-ethereum 1.7',
    ([maxPeers, half]) => {
      expect(check({ maxPeers, dialShare: 'legacyHalf' })).toMatchObject({
        maxDialed: half,
        maxInbound: maxPeers - half,
      });
      expect(check({ maxPeers, dialShare: 'legacyHalf', noDial: true }).maxDialed).toBe(0);
    },
  );

  test('is chosen by name: an unknown rule is refused', () => {
    expect(refusal({ dialShare: 'most' })).toBe(
      '"dialShare" expected "ratio" or "legacyHalf", got "most"',
    );
  });

  test('quirk 29: the limits of concurrent dials and inbound handshakes are at least one', () => {
    for (const maxPendingPeers of [0, -1])
      expect(refusal({ maxPendingPeers })).toMatch(
        /^"maxPendingPeers" expected a whole number from 1/,
      );
  });
});

describe('nodes to dial', () => {
  const url = (seed: number) => {
    const { publicKey, id } = createNodeKey(new Uint8Array(32).fill(seed));
    const place = { host: '192.0.2.1', hostKind: 'ipv4', tcpPort: 1, udpPort: 1 } as const;
    return formatEnode({ publicKey, id, ...place });
  };

  test('may be bootnodes: enode URLs of other nodes', () => {
    expect(check({ bootnodes: [url(9)] }).bootnodes).toMatchObject([{ host: '192.0.2.1' }]);
    expect(refusal({ bootnodes: ['?'] })).toMatch(/^"bootnodes\[0\]": /);
    expect(check({ bootnodes: [url(7)] }).bootnodes).toEqual([]); // our own
  });

  test('are at most 1,000 static nodes', () => {
    const urls = Array.from({ length: 1_000 }, () => url(9));
    expect(check({ staticNodes: urls }).staticNodes).toHaveLength(1_000);
    expect(refusal({ staticNodes: [...urls, url(9)] })).toBe(
      '"staticNodes" expected at most 1000 entries, got 1001',
    );
  });

  test('may be candidates from an async iterable', () => {
    expect([check({}).hasCandidates, check({ candidates: empty() }).hasCandidates]).toEqual([
      false,
      true,
    ]);
    expect(refusal({ candidates: ['a list'] })).toMatch(/^"candidates" expected an async iterable/);
    expect(refusal({ candidates: null })).toMatch(/^"candidates" expected an async iterable/);
  });

  test('a candidate host is public, or inside the allowed networks', () => {
    const open = check({}).isCandidateHost;
    const named = check({ netRestrict: ['10.0.0.0/8'] }).isCandidateHost;
    expect([open('8.8.8.8'), open('10.0.0.1')]).toEqual([true, false]);
    expect([named('10.0.0.1'), named('0.0.0.0')]).toEqual([true, false]);
  });

  test('may be chosen by another generator and located by a resolver', () => {
    expect(check({}).ports).toMatchObject({ dialGenerator, nodeResolver: null });
    expect(check({ ports: { nodeResolver: null } }).ports.nodeResolver).toBeNull();
    expect(refusal({ ports: { dialGenerator: {} } })).toBe(
      '"ports.dialGenerator" expected a dial generator, with begin(), newTasks(), taskDone() and others, got Object',
    );
    expect(refusal({ ports: { nodeResolver: 1 } })).toBe(
      '"ports.nodeResolver" expected actor logic, such as fromCallback of XState makes, got 1',
    );
  });
});

async function* empty(): AsyncGenerator<string> {}

function refusal(options: object): string {
  try {
    check(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  throw new Error('these options were accepted');
}
