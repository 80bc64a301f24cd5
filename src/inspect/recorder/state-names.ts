/**
 * From the value of a snapshot to the number of its state path, without building a string: the keys of the value are
 * followed through a tree, one for each chart. The tree is as large as the number of states a chart can be in.
 */
import type { StateValue } from 'xstate';

import { statePath } from '../../actors/state-path.ts';
import type { Dictionary } from './dictionary.ts';

export class StateNames {
  readonly #names: Dictionary;
  readonly #top = new Branch();

  constructor(names: Dictionary) {
    this.#names = names;
  }

  numberOf(value: StateValue): number {
    const branch = follow(this.#top, value);
    if (branch.number === -1) branch.number = this.#names.numberOf(statePath(value));
    return branch.number;
  }
}

class Branch {
  /** -1 until it has been looked up. */
  number = -1;
  readonly next = new Map<string, Branch>();
}

/** No two states of one chart have the same keys in the same order, so nesting can be ignored. */
function follow(from: Branch, value: StateValue): Branch {
  if (typeof value === 'string') return nextOf(from, value);
  let branch = from;
  for (const key in value) {
    const inner = value[key];
    branch = nextOf(branch, key);
    if (inner !== undefined) branch = follow(branch, inner);
  }
  return branch;
}

function nextOf({ next }: Branch, key: string): Branch {
  const known = next.get(key);
  if (known) return known;
  const branch = new Branch();
  next.set(key, branch);
  return branch;
}
