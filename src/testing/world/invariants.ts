/**
 * The invariants of every server of a world, and the text of a violation. 1 to 12 are those of the specification.
 * `node-invariants.ts` checks them after every event of every actor. Other tests check those that inspection cannot see:
 * 7, bounds of unsent data: `test/io/link/rlpx-link-invariants.test.ts`, `test/io/link/write-queue*.test.ts`.
 * 8, the form of a Disconnect: `test/io/link/rlpx-link-invariants.test.ts`.
 * 10, no leaks after the stop: `world.end()`.
 * 12, the order of a rollback, of which only the result is checked here: `test/machines/server*.test.ts`.
 */

export const INVARIANTS = {
  1: {
    name: 'peers',
    sentence:
      'Each id has at most one peer, the node is not its own peer, and the peer limits hold.',
  },
  2: {
    name: 'admission',
    sentence:
      'A connection is accepted only after it is in the peer set and the dial scheduler was notified.',
  },
  3: {
    name: 'departure',
    sentence:
      'Each add event has exactly one drop event, after the id was removed from the peer set.',
  },
  4: {
    name: 'slots',
    sentence: 'Handshake slots in use never exceed the limit, and each slot is returned once.',
  },
  5: {
    name: 'redials',
    sentence:
      'A node has one dial at a time and no second one within 35 s, unless it was added or removed.',
  },
  6: {
    name: 'dials',
    sentence:
      'A dial starts only in a free dial slot; there are two for each free place for dialled peers.',
  },
  9: {
    name: 'silence',
    sentence: 'Nothing is sent after a Disconnect or after the connection is closed.',
  },
  11: {
    name: 'scheduler',
    sentence: 'The dial scheduler has exactly the peers of the peer set, with the same directions.',
  },
  12: {
    name: 'rollback',
    sentence: 'A server that is not started runs no actor and holds no address.',
  },
  13: {
    name: 'table',
    sentence:
      'The table has each node once, in its bucket, never the node itself, and few nodes of one network.',
  },
  14: {
    name: 'lookups',
    sentence: 'A lookup asks at most three nodes at once, and no node twice.',
  },
  15: {
    name: 'record',
    sentence: 'Each new record of the node has a higher sequence number.',
  },
} as const;

export type InvariantNumber = keyof typeof INVARIANTS;

export type Violation = {
  readonly invariant: InvariantNumber;
  /** What is wrong, with the numbers involved. */
  readonly detail: string;
  readonly node: string;
  readonly actor: string;
  /** Time on the world's clock, in ms. */
  readonly at: number;
  /** The last events of this actor with the states they led to, oldest first. */
  readonly trail: readonly string[];
};

/** Several lines of text. */
export function describeViolation({
  invariant,
  detail,
  node,
  actor,
  at,
  trail,
}: Violation): string {
  const { name, sentence } = INVARIANTS[invariant];
  return [
    `invariant ${invariant} (${name}) is broken at ${at / 1_000} s by ${actor} of ${node}: ${detail}`,
    `  ${sentence}`,
    `  the last events of ${actor}:`,
    ...trail.map((line) => `    ${line}`),
  ].join('\n');
}
