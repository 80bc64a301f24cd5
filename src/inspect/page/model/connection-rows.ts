/** The rows of the list of connections and dials. */
import {
  type Attempt,
  beganAt,
  currentOf,
  endedAt,
  type Identity,
  identityOf,
  isLive,
  stateOf,
} from './attempts.ts';
import { type FilterSubject, matches, type Term } from './filter.ts';
import { stageOf } from './pipeline.ts';
import type { Store } from './store.ts';

export type ConnectionRow = {
  readonly attempt: Attempt;
  readonly identity: Identity;
  /** Machine of the shown state. */
  readonly machine: string;
  readonly state: string;
  readonly beganAt: number;
  /** Null while it is live. */
  readonly endedAt: number | null;
};

export type ConnectionRows = {
  /** Live ones youngest first, ended ones latest first. */
  readonly rows: readonly ConnectionRow[];
  /** Counts without the filter. */
  readonly live: number;
  readonly ended: number;
};

/** @param now ms since the recorder started. */
export function connectionRows(
  store: Store,
  list: 'live' | 'ended',
  terms: readonly Term[],
  now: number,
): ConnectionRows {
  const rows: ConnectionRow[] = [];
  let [live, ended] = [0, 0];
  for (const attempt of store.attempts.all()) {
    const isNowLive = isLive(attempt);
    if (isNowLive) live += 1;
    else ended += 1;
    if (isNowLive !== (list === 'live')) continue;
    const row = rowOf(attempt);
    if (terms.length === 0 || matches(terms, filterSubjectOf(row, now))) rows.push(row);
  }
  const since = (row: ConnectionRow) => row.endedAt ?? row.beganAt;
  return { rows: rows.sort((a, b) => since(b) - since(a)), live, ended };
}

export function rowOf(attempt: Attempt): ConnectionRow {
  return {
    attempt,
    identity: identityOf(attempt),
    machine: machineOf(attempt),
    state: stateOf(attempt),
    beganAt: beganAt(attempt),
    endedAt: endedAt(attempt),
  };
}

/** The machine of the state given by `stateOf`. */
function machineOf(attempt: Attempt): string {
  const { ending } = attempt;
  if (isLive(attempt) || !ending) return currentOf(attempt).machine;
  return ENDED_IN[ending.type];
}

const ENDED_IN = { drop: 'peer', ended: 'connection-setup', dialFailed: 'dial-task' } as const;

export function filterSubjectOf(
  { attempt, identity, state, ...times }: ConnectionRow,
  now: number,
): FilterSubject {
  const { direction, remote, client, id } = identity;
  return {
    stage: stageOf(attempt) ?? '',
    states: [state, currentOf(attempt).state],
    reason: times.endedAt === null ? '' : state,
    direction: direction ?? '',
    remote,
    client,
    id,
    key: attempt.key,
    age: (times.endedAt ?? now) - times.beganAt,
  };
}
