/** Why connections, peers and dials ended, each with how often: counted by the charts since the recorder began. */
import type { Ending } from '../../protocol.ts';
import { toneOf, whose } from './state-words.ts';
import type { Store } from './store.ts';

export type Reason = {
  readonly machine: string;
  /** Such as `rejected.tooManyPeers`. */
  readonly state: string;
  readonly count: number;
  readonly isBad: boolean;
  /** Who is behind it. */
  readonly whose: string;
  /** The latest of them, for its words; null when it is too long ago. */
  readonly latest: Ending | null;
};

/** The most frequent first. `dials`: those of dials instead of those of connections and peers. */
export function reasonsOf(store: Store, of: 'connections' | 'dials'): readonly Reason[] {
  const counts = new Map<string, { machine: string; state: string; count: number }>();
  for (const { machine, target, total } of store.transitions) {
    if ((machine === 'dial-task') !== (of === 'dials') || total === 0) continue;
    if (!isEnding(machine, target)) continue;
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
