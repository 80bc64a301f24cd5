/** What befalls TCP connections by chance: each is broken, stalled or left unread with some probability, at some byte. */
import type { CutKind, MemoryConnection, MemoryDirection } from './memory-connection.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Each is the probability, from 0 to 1, that it befalls a connection. */
export type ConnectionFaults = {
  readonly reset?: number;
  readonly fin?: number;
  readonly stall?: number;
  /** One end never reads. */
  readonly deafness?: number;
};

/** Bytes within which it happens: an auth, an ack, two Hellos and a few messages. Ours. */
const WITHIN_BYTES = 2_000;

const KINDS: readonly CutKind[] = ['reset', 'fin', 'stall'];
const DIRECTIONS: readonly MemoryDirection[] = ['aToB', 'bToA'];

/** Draws for every kind each time, so that one rate does not change what another one does. */
export function plagueOf(
  plague: ConnectionFaults,
  random: SeededRandom,
): (connection: Pick<MemoryConnection, 'cut' | 'freeze'>) => void {
  return (connection) => {
    for (const kind of KINDS) {
      const [befalls, direction] = [random.chance(plague[kind] ?? 0), random.pick(DIRECTIONS)];
      const afterBytes = random.between(0, WITHIN_BYTES);
      if (befalls) connection.cut(kind, afterBytes, direction);
    }
    const [isDeaf, direction] = [random.chance(plague.deafness ?? 0), random.pick(DIRECTIONS)];
    if (isDeaf) connection.freeze(direction);
  };
}
