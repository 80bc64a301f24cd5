import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Capability } from '../../../src/io/wire/hello.ts';
import {
  byNameThenVersion,
  labelOf,
  matchCapabilities,
  type OfferedProtocol,
} from '../../../src/machines/connection/capability-match.ts';
import { loadVectors } from '../../support/crypto.ts';

type Vector = {
  readonly name: string;
  readonly source: string;
  readonly remote: readonly Capability[];
  readonly local: readonly OfferedProtocol[];
  readonly match: readonly (Capability & { readonly offsetAfterBase16: number })[];
};

const { capabilityMatching } = loadVectors<{ capabilityMatching: readonly Vector[] }>(
  'rlpx-frame.json',
);

describe('published cases', () => {
  test('are all there', () => expect(capabilityMatching).toHaveLength(13));

  for (const { name, source, remote, local, match } of capabilityMatching)
    test(`${name} (${source})`, () => {
      const matches = matchCapabilities(local, remote);
      expect(matches.map(({ name, version, offset }) => ({ name, version, offset }))).toEqual(
        match.map(({ name, version, offsetAfterBase16 }) => ({
          name,
          version,
          offset: 16 + offsetAfterBase16,
        })),
      );
    });
});

test('the label of a capability is what people write', () => {
  expect(labelOf(protocol('eth', 69, 18))).toBe('eth/69');
});

describe('matching', () => {
  const ours = [protocol('a', 1, 5), protocol('b', 1, 1), protocol('b', 2, 3)];

  test('keeps the other fields of our protocols', () => {
    const [match] = matchCapabilities(
      [{ ...protocol('a', 1, 5), limit: 7 }],
      [{ name: 'a', version: 1 }],
    );
    expect(match).toEqual({ name: 'a', version: 1, length: 5, limit: 7, offset: 16 });
  });

  test('gives the ids of a lower version back', () => {
    const matches = matchCapabilities(ours, [...ours].reverse());
    expect(matches.map(({ name, version, offset }) => [name, version, offset])).toEqual([
      ['a', 1, 16],
      ['b', 2, 21],
    ]);
  });

  test('accepts a capability that is offered twice', () => {
    const theirs = [...ours, ...ours];
    expect(matchCapabilities(ours, theirs)).toEqual(matchCapabilities(ours, ours));
  });

  test('orders names by code unit, capitals first', () => {
    const names = ['b', 'a', 'B', 'A', 'a1', 'a10', 'a2'];
    const sorted = names.map((name) => ({ name, version: 1 })).sort(byNameThenVersion);
    expect(sorted.map(({ name }) => name)).toEqual(['A', 'B', 'a', 'a1', 'a10', 'a2', 'b']);
  });

  test('does not change its input', () => {
    const theirs = Object.freeze([protocol('b', 1, 1), protocol('a', 1, 5)]);
    matchCapabilities(Object.freeze(ours), theirs);
    expect(theirs.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

describe('any two offers', () => {
  /** What a length is must not depend on the side, so it follows from name and version here. */
  const offer = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'B', 'b', 'eth', 'snap'),
      version: fc.nat(4),
    }),
    { selector: ({ name, version }) => `${name}/${version}`, maxLength: 12 },
  );
  const withLengths = (capabilities: readonly Capability[]) =>
    capabilities.map(({ name, version }) => protocol(name, version, name.length * 3 + version));

  test('both sides compute the same layout', () => {
    fc.assert(
      fc.property(offer, offer, (one, other) => {
        const ours = matchCapabilities(withLengths(one), other);
        expect(ours).toEqual(matchCapabilities(withLengths(other), one));
      }),
    );
  });

  test('at most one protocol for each name, the highest common version', () => {
    fc.assert(
      fc.property(offer, offer, (one, other) => {
        const matches = matchCapabilities(withLengths(one), other);
        const common = one.filter((a) => other.some((b) => byNameThenVersion(a, b) === 0));
        const names = [...new Set(common.map(({ name }) => name))].sort();
        expect(matches.map(({ name }) => name)).toEqual(names);
        for (const { name, version } of matches)
          expect(version).toBe(
            Math.max(...common.filter((pair) => pair.name === name).map((pair) => pair.version)),
          );
      }),
    );
  });

  test('message ids follow each other without a gap, from 16 on', () => {
    fc.assert(
      fc.property(offer, offer, (one, other) => {
        let next = 16;
        for (const { offset, length } of matchCapabilities(withLengths(one), other)) {
          expect(offset).toBe(next);
          next += length;
        }
      }),
    );
  });
});

function protocol(name: string, version: number, length: number): OfferedProtocol {
  return { name, version, length };
}
