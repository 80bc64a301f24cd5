/** The actions of a small world, as data: drawn from a seed, printed, and replayed. */
import type { SeededRandom } from '../../src/testing/world/seeded-random.ts';

/** Of nodes and connections. A number beyond the last one begins again at the first. */
type Index = number;

/** `at` is in ms from the beginning of the world. An action that does not apply at its time is skipped. */
export type Action = { readonly at: number } & (
  | { readonly do: 'start' | 'stop' | 'disconnect'; readonly node: Index }
  | {
      readonly do: 'addPeer' | 'removePeer' | 'addTrustedPeer' | 'removeTrustedPeer';
      readonly node: Index;
      readonly other: Index;
    }
  | { readonly do: 'partition'; readonly nodes: readonly Index[] }
  /** Only lets time pass. */
  | { readonly do: 'heal' | 'wait' }
  | {
      readonly do: 'link';
      readonly node: Index;
      readonly other: Index;
      readonly latencyMs: number;
    }
  | { readonly do: 'leap'; readonly node: Index; readonly ms: number }
  | {
      readonly do: 'cut';
      readonly how: 'reset' | 'fin' | 'stall';
      readonly connection: Index;
      readonly direction: 'aToB' | 'bToA';
      readonly bytes: number;
    }
  | {
      readonly do: 'freeze';
      readonly connection: Index;
      readonly direction: 'aToB' | 'bToA';
    }
);

/** Wishes and faults, besides the starts. */
const MAX_HAPPENINGS = 24;

/** In the order of their times; first all nodes start, and at the end there is time for what follows. */
export function drawScript(random: SeededRandom, count: number): readonly Action[] {
  const script: Action[] = [];
  for (let node = 0; node < count; node += 1) script.push({ at: 0, do: 'start', node });
  let at = 0;
  for (let left = random.between(4, MAX_HAPPENINGS); left > 0; left -= 1) {
    script.push(happening(random, at, count));
    at += random.between(0, random.pick([0, 300, 5_000, 5_000, 20_000, 40_000]));
  }
  return [...script, { at: at + 40_000, do: 'wait' }];
}

function happening(random: SeededRandom, at: number, count: number): Action {
  const node = random.between(0, count - 1);
  const other = (node + random.between(1, count - 1)) % count;
  const connection = random.between(0, 20);
  const direction = random.pick(['aToB', 'bToA'] as const);
  return random.pick<() => Action>([
    ...Array.from({ length: 8 }, () => () => ({ at, do: 'addPeer', node, other }) as const),
    () => ({ at, do: 'addTrustedPeer', node, other }),
    () => ({ at, do: 'removeTrustedPeer', node, other }),
    () => ({ at, do: 'removePeer', node, other }),
    () => ({ at, do: 'disconnect', node }),
    () => ({ at, do: 'partition', nodes: [node, other].slice(0, random.between(1, 2)) }),
    () => ({ at, do: 'heal' }),
    () => ({ at, do: 'link', node, other, latencyMs: random.between(0, 3_000) }),
    () => ({ at, do: 'leap', node, ms: random.pick([1_000, 20_000, 3_600_000]) }),
    () => {
      const how = random.pick(['reset', 'fin', 'stall'] as const);
      return { at, do: 'cut', how, connection, direction, bytes: random.pick([0, 1, 300, 2_000]) };
    },
    () => ({ at, do: 'freeze', connection, direction }),
    () => ({ at, do: 'stop', node }),
    () => ({ at, do: 'start', node }),
    () => ({ at, do: 'start', node }),
  ])();
}
