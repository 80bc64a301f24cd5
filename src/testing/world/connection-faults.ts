/** Random faults of TCP connections: with a given probability each is cut or stalled at a random byte, or never read. */
import type { CutKind, MemoryConnection, MemoryDirection } from './memory-connection.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Probabilities from 0 to 1 for each connection. Default 0. */
export type ConnectionFaults = {
  readonly reset?: number;
  readonly fin?: number;
  readonly stall?: number;
  /** One end, chosen at random, never reads. */
  readonly neverReads?: number;
};

/** A fault happens within this many bytes: an auth, an ack, two Hellos and a few messages. Our choice. */
const WITHIN_BYTES = 2_000;

const KINDS: readonly CutKind[] = ['reset', 'fin', 'stall'];
const DIRECTIONS: readonly MemoryDirection[] = ['aToB', 'bToA'];

/** Draws for every kind each time, so that one probability does not change the faults of another kind. */
export function faultInjector(
  faults: ConnectionFaults,
  random: SeededRandom,
): (connection: Pick<MemoryConnection, 'cut' | 'freeze'>) => void {
  return (connection) => {
    for (const kind of KINDS) {
      const [happens, direction] = [random.chance(faults[kind] ?? 0), random.pick(DIRECTIONS)];
      const afterBytes = random.between(0, WITHIN_BYTES);
      if (happens) connection.cut(kind, afterBytes, direction);
    }
    const [neverReads, direction] = [
      random.chance(faults.neverReads ?? 0),
      random.pick(DIRECTIONS),
    ];
    if (neverReads) connection.freeze(direction);
  };
}
