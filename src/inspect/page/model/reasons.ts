/** Why connections, peers and dials ended, each with how often since the recorder started. */
import type { Ending } from '../../protocol.ts';
import { toneOf, whose } from './state-words.ts';
import type { Store } from './store.ts';

export type Reason = {
  readonly machine: string;
  /** Such as `rejected.tooManyPeers`. */
  readonly state: string;
  readonly count: number;
  readonly isBad: boolean;
  /** Rejected by us, refused by them, or failed. */
  readonly whose: string;
  /** The latest ending of this kind; null if it is no longer stored. */
  readonly latest: Ending | null;
};

/**
 * Most frequent first. The end of a dial whose connection was being set up is left out: that connection has an ending of
 * its own. @param of Endings of connections and peers, of dials, or all.
 */
export function reasonsOf(store: Store, of: 'connections' | 'dials' | 'all'): readonly Reason[] {
  const counts = new Map<string, { machine: string; state: string; count: number }>();
  const add = (machine: string, state: string, times: number): void => {
    const key = `${machine}|${state}`;
    const count = (counts.get(key)?.count ?? 0) + times;
    counts.set(key, { machine, state, count });
  };
  if (of !== 'dials')
    for (const [state, times] of store.endingTotals)
      if (state.includes('.'))
        add(state.startsWith('ending.') ? 'peer' : 'connection-setup', state, times);
  if (of !== 'connections')
    for (const { machine, source, target, total } of store.transitions)
      if (machine === 'dial-task' && total > 0 && isDialEnding(source, target))
        add(machine, target, total);
  const latest = new Map(store.endings.map((ending) => [ending.state, ending]));
  return [...counts.values()]
    .sort((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1))
    .map(({ machine, state, count }) => ({
      machine,
      state,
      count,
      isBad: toneOf(machine, state) === 'bad',
      whose: whose(machine, state),
      latest: latest.get(state) ?? null,
    }));
}

const isDialEnding = (source: string, target: string): boolean =>
  !source.startsWith('settingUp') &&
  !target.includes('.') &&
  target !== 'done' &&
  whose('dial-task', target) !== '';
