/** Actors as a tree of parents and children; many siblings of one machine become a count. */

import type { Actor } from './entities.ts';
import type { Store } from './store.ts';

/** Siblings of one machine that are listed; more are counted by state. */
export const MAX_SIBLINGS = 50;

/** Deepest level that is drawn; a server has four. */
const MAX_DEPTH = 12;

export type Branch =
  | {
      readonly is: 'actor';
      readonly depth: number;
      readonly actor: Actor;
      readonly children: number;
    }
  | {
      readonly is: 'group';
      readonly depth: number;
      readonly machine: string;
      readonly count: number;
      /** Most frequent first. */
      readonly states: readonly (readonly [state: string, count: number])[];
    };

/** Running actors, each after its parent. An actor whose parent is unknown or has ended is a root. */
export function treeOf({ actors }: Store): readonly Branch[] {
  const children = new Map<number | null, Actor[]>();
  for (const actor of actors.values()) {
    if (actor.status !== 'active') continue;
    const { parent } = actor;
    const home = parent !== null && actors.get(parent)?.status === 'active' ? parent : null;
    const siblings = children.get(home);
    if (siblings) siblings.push(actor);
    else children.set(home, [actor]);
  }
  const below = (parent: number | null, depth: number): readonly Branch[] => {
    if (depth > MAX_DEPTH) return [];
    return [...byMachine(children.get(parent) ?? [])].flatMap(
      ([machine, siblings]): readonly Branch[] =>
        siblings.length > MAX_SIBLINGS
          ? [{ is: 'group', depth, machine, count: siblings.length, states: countsOf(siblings) }]
          : siblings.flatMap((actor) => [
              { is: 'actor', depth, actor, children: children.get(actor.number)?.length ?? 0 },
              ...below(actor.number, depth + 1),
            ]),
    );
  };
  return below(null, 0);
}

function byMachine(actors: readonly Actor[]): ReadonlyMap<string, readonly Actor[]> {
  const kinds = new Map<string, Actor[]>();
  for (const actor of actors) {
    const siblings = kinds.get(actor.machine);
    if (siblings) siblings.push(actor);
    else kinds.set(actor.machine, [actor]);
  }
  return kinds;
}

function countsOf(siblings: readonly Actor[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { state } of siblings) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
