/** Why connections, peers and dials ended, each with how often: counted from transitions since the recorder started. */
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
  for (const { machine, source, target, total } of store.transitions) {
    if (of !== 'all' && (machine === 'dial-task') !== (of === 'dials')) continue;
    if (total === 0 || !isEnding(machine, target)) continue;
    if (machine === 'dial-task' && source.startsWith('settingUp')) continue;
    const key = `${machine}|${target}`;
    const known = counts.get(key);
    if (known) known.count += total;
    else counts.set(key, { machine, state: target, count: total });
  }
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

const isEnding = (machine: string, state: string): boolean =>
  ['connection-setup', 'peer', 'dial-task'].includes(machine) &&
  state.includes('.') === (machine !== 'dial-task') &&
  state !== 'done' &&
  whose(machine, state) !== '';
