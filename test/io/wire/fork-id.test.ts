import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type Chain,
  checkForkId,
  ethEntry,
  type ForkId,
  type ForkIdCheck,
  forkIdAt,
  forkIdIn,
  forkIdValue,
  type Head,
  headAtTime,
  readForkId,
} from '../../../src/io/wire/fork-id.ts';
import { asBigUint64, decodeRlp, encodeRlp, uintBytes } from '../../../src/io/wire/rlp.ts';
import { hex, loadVectors, toHex } from '../../support/crypto.ts';
import { expectDecodesOrFaults, fault } from '../../support/wire.ts';

type ForkVector = { readonly hash: string; readonly next: string };
type At = {
  readonly source: string;
  readonly chain: string;
  readonly head: number;
  readonly time: number;
  readonly comment?: string;
};
type Vectors = {
  readonly chains: Readonly<Record<string, Partial<Chain> & { readonly genesis: string }>>;
  readonly creation: readonly (At & ForkVector)[];
  readonly validation: readonly (At & {
    readonly remote: ForkVector;
    readonly error: 'ErrRemoteStale' | 'ErrLocalIncompatibleOrStale' | null;
  })[];
  readonly rlp: readonly (ForkVector & { readonly rlp: string; readonly enrEthEntryRlp: string })[];
};

const vectors = loadVectors<Vectors>('eth-forkid.json');

function chainOf(name: string): Chain {
  const { genesis, genesisTime = 0, blocks = [], times = [] } = vectors.chains[name]!;
  return { networkId: 1, genesisHash: genesis, genesisTime, blocks, times };
}

const headOf = ({ head, time }: At): Head => ({ block: head, time });
const idOf = ({ hash, next }: ForkVector): ForkId => ({ hash, next: BigInt(next) });

const CHECKS = {
  null: 'compatible',
  ErrRemoteStale: 'remoteStale',
  ErrLocalIncompatibleOrStale: 'localIncompatible',
} as const satisfies Record<string, ForkIdCheck>;

describe('forkIdAt', () => {
  for (const [index, vector] of vectors.creation.entries())
    test(`gives vector ${index}, ${vector.chain}: ${vector.comment}`, () => {
      expect(forkIdAt(chainOf(vector.chain), headOf(vector))).toEqual(idOf(vector));
    });

  test('does not count forks up to the genesis, counts forks at one moment once, in any order', () => {
    const plain = { networkId: 1, genesisHash: '00'.repeat(32), genesisTime: 5 };
    const given = { ...plain, blocks: [9, 0, 3, 9], times: [5, 20, 3, 11, 20] };
    const same = { ...plain, blocks: [3, 9], times: [11, 20] };
    const all = { block: 100, time: 100 };
    expect(forkIdAt(given, all)).toEqual(forkIdAt(same, all));
    expect(forkIdAt(given, { block: 9, time: 10 }).next).toBe(11n);
  });
});

describe('checkForkId', () => {
  for (const [index, vector] of vectors.validation.entries())
    test(`judges vector ${index}, ${vector.chain}: ${vector.comment ?? vector.source}`, () => {
      expect(checkForkId(chainOf(vector.chain), headOf(vector), idOf(vector.remote))).toBe(
        CHECKS[`${vector.error}`],
      );
    });

  test('accepts, on every chain and at every fork, a node at the same place and one that is further', () => {
    for (const name of Object.keys(vectors.chains)) {
      const chain = chainOf(name);
      const moments: Head[] = [
        { block: 0, time: 0 },
        ...chain.blocks.map((block) => ({ block, time: 0 })),
        ...chain.times.map((time) => headAtTime(chain, time)),
      ];
      for (const [index, here] of moments.entries())
        for (const [other, there] of moments.entries())
          expect(
            checkForkId(chain, here, forkIdAt(chain, there)),
            `${name} ${index} ${other}`,
          ).toBe('compatible');
    }
  });

  test('calls a node stale that has not passed a fork of ours and does not know it', () => {
    const chain = chainOf('hoodi');
    const [first] = chain.times;
    const old = forkIdAt({ ...chain, times: [first!] }, headAtTime(chain, first!));
    expect(checkForkId(chain, headAtTime(chain, 2 ** 31), old)).toBe('remoteStale');
  });
});

test('without blocks, a node counts every fork by block as passed', () => {
  const mainnet = chainOf('mainnet');
  expect(headAtTime(mainnet, 7)).toEqual({ block: 15_050_000, time: 7 });
  expect(headAtTime({ ...mainnet, blocks: [] }, 7.9)).toEqual({ block: 0, time: 7 });
});

const forkIds = fc.record({
  hash: fc.uint8Array({ minLength: 4, maxLength: 4 }).map(toHex),
  next: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

describe('a fork id as bytes', () => {
  for (const vector of vectors.rlp)
    test(`is that of the vector ${vector.hash}, alone and in a record`, () => {
      const id = idOf(vector);
      expect(toHex(encodeRlp(forkIdValue(id)))).toBe(vector.rlp);
      expect(toHex(encodeRlp(ethEntry(id)))).toBe(vector.enrEthEntryRlp);
      expect(readForkId(decodeRlp(hex(vector.rlp)))).toEqual(id);
      expect(forkIdIn(new Map([['eth', hex(vector.enrEthEntryRlp)]]))).toEqual(id);
    });

  test('is read as it was written', () => {
    fc.assert(
      fc.property(forkIds, (id) => {
        expect(readForkId(decodeRlp(encodeRlp(forkIdValue(id))))).toEqual(id);
        expect(forkIdIn(new Map([['eth', encodeRlp(ethEntry(id))]]))).toEqual(id);
      }),
    );
  });

  test('may have more items behind it, in the entry and in the fork id', () => {
    const value = [[Uint8Array.of(1, 2, 3, 4), 5, 6, []], 7];
    expect(forkIdIn(new Map([['eth', encodeRlp(value)]]))).toEqual({ hash: '01020304', next: 5n });
  });

  test('is refused with a short hash, without a next fork, and with a next fork above 64 bits', () => {
    for (const value of [
      [Uint8Array.of(1, 2, 3), 5],
      [Uint8Array.of(1, 2, 3, 4)],
      [Uint8Array.of(1, 2, 3, 4), new Uint8Array(9).fill(1)],
      [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0, 1)],
      Uint8Array.of(1),
    ]) {
      expect(() => readForkId(decodeRlp(encodeRlp(value)))).toThrow(fault('malformedRlp'));
      expect(forkIdIn(new Map([['eth', encodeRlp([value])]]))).toBe('malformed');
    }
  });

  test('is decoded or refused, whatever the bytes are', () => {
    expectDecodesOrFaults(
      (bytes) => {
        expect(['object', 'string']).toContain(typeof forkIdIn(new Map([['eth', bytes]])));
        readForkId(decodeRlp(bytes));
      },
      ['malformedRlp'],
    );
  });

  test('is absent in a record without the entry', () => {
    expect(forkIdIn(new Map([['les', encodeRlp([1])]]))).toBe('absent');
  });
});

test('integers of 64 bits have one form, the shortest', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(asBigUint64(decodeRlp(encodeRlp(uintBytes(value))))).toBe(value);
      expect(uintBytes(value)[0]).not.toBe(0);
    }),
  );
});
