import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type IpVotes,
  isFullCone,
  MAX_VOTERS,
  NO_VOTES,
  predictedEndpoint,
  type VoteRules,
  withContact,
  withStatement,
} from '../../../src/machines/discovery/ip-votes.ts';
import vectors from '../../vectors/ip-votes.json' with { type: 'json' };

const endpointOf = (text: string) => {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
};

const ours = endpointOf('203.0.113.9:30303');
const other = endpointOf('203.0.113.9:30304');

/** One statement from each of so many voters. */
const stated = (count: number, { endpoint = ours, at = 0, from = 0, votes = NO_VOTES } = {}) =>
  Array.from({ length: count }, (_, index) => `voter ${from + index}`).reduce(
    (all, voter) => withStatement(all, { voter, endpoint, at }),
    votes,
  );

const rulesOf = (minStatements: number): VoteRules => ({
  minStatements,
  statementMs: 300_000,
  contactMs: 600_000,
});

type Step = {
  readonly op: string;
  readonly timeMs: number;
  readonly from?: string;
  readonly endpoint?: string;
  readonly want?: string | boolean | null;
};

describe('the cases of go-ethereum', () => {
  const { cases, window } = vectors.ipTracker;
  test.for(Object.entries(cases))('%s', ([, steps]) => {
    let votes: IpVotes = NO_VOTES;
    for (const { op, timeMs, from = '', endpoint = '', want } of steps as readonly Step[])
      if (op === 'statement')
        votes = withStatement(votes, { voter: from, endpoint: endpointOf(endpoint), at: timeMs });
      else if (op === 'contact') votes = withContact(votes, from, timeMs);
      else if (op === 'checkFullCone') expect(isFullCone(votes, timeMs, window)).toBe(want);
      else
        expect(predictedEndpoint(votes, timeMs, window)).toEqual(
          typeof want === 'string' ? endpointOf(want) : null,
        );
  });
});

describe('the votes of other implementations', () => {
  test.for(vectors.ipVoteMajority)('$name, of $source', ({ threshold, votesPerEndpoint, want }) => {
    let votes: IpVotes = NO_VOTES;
    let from = 0;
    for (const [endpoint, count] of Object.entries(votesPerEndpoint)) {
      votes = stated(count, { endpoint: endpointOf(endpoint), from, votes });
      from += count;
    }
    expect(predictedEndpoint(votes, 0, rulesOf(threshold))).toEqual(want && endpointOf(want));
  });

  test.for(vectors.addrVotes.filter(({ steps }) => steps))(
    '$source',
    ({ addr, steps, threshold }) => {
      let votes: IpVotes = NO_VOTES;
      for (const step of steps as readonly { voter: number; addr?: string; won: boolean }[]) {
        const endpoint = endpointOf(step.addr ?? addr ?? '');
        votes = withStatement(votes, { voter: `${step.voter}`, endpoint, at: 0 });
        expect(predictedEndpoint(votes, 0, rulesOf(threshold)) !== null).toBe(step.won);
      }
    },
  );

  test('two votes that 200 later ones have replaced do not count with a third', () => {
    const votes = stated(MAX_VOTERS, { endpoint: other, from: 10, votes: stated(2) });
    const third = withStatement(votes, { voter: 'third', endpoint: ours, at: 0 });
    expect([...third.statements.values()].filter(({ endpoint }) => endpoint === ours).length).toBe(
      1,
    );
  });
});

test('nine voters are too few, and ten are enough', () => {
  expect(predictedEndpoint(stated(9), 0)).toBeNull();
  expect(predictedEndpoint(stated(10), 0)).toEqual(ours);
});

test('a thousand statements of one voter are one vote', () => {
  let votes = stated(9);
  for (let at = 0; at < 1_000; at += 1)
    votes = withStatement(votes, { voter: '198.51.100.0/24', endpoint: other, at });
  expect(votes.statements.size).toBe(10);
  expect(predictedEndpoint(votes, 1_000)).toBeNull();
});

test('a statement counts for 5 minutes, the last one included', () => {
  expect(predictedEndpoint(stated(10), 300_000)).toEqual(ours);
  expect(predictedEndpoint(stated(10), 300_001)).toBeNull();
});

test('a contact counts for 10 minutes, the last one included', () => {
  const votes = withContact(stated(1, { at: 600_000 }), 'voter 0', 0);
  expect(isFullCone(votes, 600_000)).toBe(false);
  expect(isFullCone(votes, 600_001)).toBe(true);
});

test('of two endpoints with equally many voters, none is predicted', () => {
  const votes = stated(10, { endpoint: other, from: 10, votes: stated(10) });
  expect(predictedEndpoint(votes, 0)).toBeNull();
  expect(
    predictedEndpoint(withStatement(votes, { voter: 'x', endpoint: other, at: 0 }), 0),
  ).toEqual(other);
});

test('no endpoint is predicted without a majority of at least ten voters, and nothing grows without bound', () => {
  const step = fc.record({
    voter: fc.nat({ max: 300 }).map(String),
    port: fc.constantFrom(1, 2, 3),
    wait: fc.nat({ max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let votes: IpVotes = NO_VOTES;
      let now = 0;
      for (const { voter, port, wait } of steps) {
        now += wait;
        votes = withStatement(votes, { voter, endpoint: { host: '203.0.113.9', port }, at: now });
        votes = withContact(votes, voter, now);
      }
      expect(votes.statements.size).toBeLessThanOrEqual(MAX_VOTERS);
      expect(votes.contacts.size).toBeLessThanOrEqual(MAX_VOTERS);
      // counted apart: the latest statement of each of the latest voters, by age
      const latest = [...new Map(steps.map((s, i) => [s.voter, i])).entries()].sort(
        (a, b) => a[1] - b[1],
      );
      let time = 0;
      const times = steps.map(({ wait }) => {
        time += wait;
        return time;
      });
      const counts = [1, 2, 3].map(
        (port) =>
          latest
            .slice(-MAX_VOTERS)
            .filter(([, i]) => now - times[i]! <= 300_000 && steps[i]!.port === port).length,
      );
      const most = Math.max(...counts);
      const isClear = most >= 10 && counts.filter((count) => count === most).length === 1;
      expect(predictedEndpoint(votes, now)?.port ?? null).toBe(
        isClear ? counts.indexOf(most) + 1 : null,
      );
    }),
    { numRuns: 60 },
  );
});
