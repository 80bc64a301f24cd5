/**
 * What is always true of every server of a world, by the numbers of the specification, and how a violation is told.
 * Judged after every event of every actor by `node-invariants.ts`. What looking on cannot judge is tested elsewhere:
 * 7, bounds of what is unsent: `test/io/link/rlpx-link-invariants.test.ts`, `test/io/actors/outbox*.test.ts`.
 * 8, in which form a Disconnect leaves: `test/io/link/rlpx-link-invariants.test.ts`.
 * 10, nothing is left after the stop: `world.end()`.
 * 12, the order in which a start is undone, of which only the result is judged here: `test/machines/server*.test.ts`.
 */

export const INVARIANTS = {
  1: {
    name: 'peers',
    sentence:
      'There is one peer for each id, never ourselves, and never more than the limits allow.',
  },
  2: {
    name: 'admission',
    sentence: 'Who is told that it is a peer is in the set, and the dial scheduler knows.',
  },
  3: {
    name: 'departure',
    sentence: 'Each add has exactly one drop, after the id has left the set.',
  },
  4: {
    name: 'slots',
    sentence: 'Slots in use are at most as many as there are, and each comes back once.',
  },
  5: {
    name: 'redials',
    sentence: 'Nobody is dialled twice at once, nor within 35 s unless added or removed meanwhile.',
  },
  6: {
    name: 'dials',
    sentence:
      'A dial only starts when there is a free slot for it, two for each free place of a peer.',
  },
  9: {
    name: 'silence',
    sentence: 'Nothing is sent after a goodbye, or after the connection is closed.',
  },
  11: {
    name: 'scheduler',
    sentence: 'The dial scheduler knows exactly the peers that there are, and how they came.',
  },
  12: { name: 'rollback', sentence: 'A server that is not started has nothing running.' },
} as const;

export type InvariantNumber = keyof typeof INVARIANTS;

export type Violation = {
  readonly invariant: InvariantNumber;
  /** What is wrong, with its figures. */
  readonly detail: string;
  readonly node: string;
  readonly actor: string;
  /** In ms, of the clock of the world. */
  readonly at: number;
  /** The last events of this actor and the states they led to, oldest first. */
  readonly trail: readonly string[];
};

/** In a few lines. */
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
