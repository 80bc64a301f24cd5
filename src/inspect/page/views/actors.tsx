/** All running actors as a tree. */

import { useHeldRows, WaitingRows } from '../base/held-rows.tsx';
import { usePage } from '../base/page-context.tsx';
import { StateChip } from '../base/state-chip.tsx';
import { type Branch, treeOf } from '../model/actor-tree.ts';
import { count } from '../model/amounts.ts';
import type { Actor } from '../model/entities.ts';
import { shortState } from '../model/state-words.ts';
import { Lasting } from './ago.tsx';

/** States of a group that are named. */
const MAX_STATES = 4;

export function Actors() {
  const { store, session } = usePage();
  store.changed.value; // with each frame, or its counts would differ from those of the header
  const branches = treeOf(store);
  const { rows, waiting, listeners, release } = useHeldRows(branches, keyOf, 'actors');
  const pick = (actor: Actor): void => {
    const attempt = store.attempts.of(actor.number);
    session.machine.value = actor.machine;
    session.select(attempt ? attempt.key : `a${actor.number}`);
    session.tab.value = 'connections';
  };
  const all = [...store.actors.values()].filter(({ status }) => status === 'active').length;
  return (
    <section class="view" aria-label="Actors">
      <header class="view-head">
        <h2>Actors</h2>
        <p>
          <b>{count(all)}</b> running
        </p>
      </header>
      {rows.length === 0 ? (
        <p class="empty">No actors are running.</p>
      ) : (
        <div class="table-frame" {...listeners}>
          <WaitingRows waiting={waiting} release={release} />
          <table class="data tree">
            <caption class="only-read-aloud">Actors, each below its parent</caption>
            <thead>
              <tr>
                <th scope="col">Actor</th>
                <th scope="col">Machine</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  In state for
                </th>
                <th scope="col" class="number">
                  Events
                </th>
                <th scope="col" class="number">
                  Age
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((branch) => (
                <Line key={keyOf(branch)} branch={branch} now={store.now} onPick={pick} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const keyOf = (branch: Branch): string =>
  branch.is === 'actor' ? `${branch.actor.number}` : `${branch.depth} ${branch.machine}`;

function Line({
  branch,
  now,
  onPick,
}: {
  readonly branch: Branch;
  readonly now: number;
  onPick(actor: Actor): void;
}) {
  const depth = `depth-${Math.min(branch.depth, 6)}`;
  if (branch.is === 'group') {
    const { machine, states } = branch;
    const named = states
      .slice(0, MAX_STATES)
      .map(([state, number]) => `${number} ${shortState(state)}`);
    const rest = states.length > MAX_STATES ? [`${states.length - MAX_STATES} other states`] : [];
    return (
      <tr>
        <th scope="row" class={depth}>
          {count(branch.count)} × {machine}
        </th>
        <td>{machine}</td>
        <td colSpan={4}>{[...named, ...rest].join(', ')}</td>
      </tr>
    );
  }
  const { actor, children } = branch;
  const { id, machine, state, at, steps, startedAt, endedAt } = actor;
  const until = endedAt ?? now; // a row under the pointer stays when its actor has ended
  return (
    <tr class="pickable" onClick={() => onPick(actor)}>
      <th scope="row" class={depth}>
        <button type="button" class="plain">
          {id}
        </button>
        {children > 0 && <small> {count(children)} below</small>}
      </th>
      <td>{machine}</td>
      <td>
        <StateChip machine={machine} state={state} />
      </td>
      <td class="number">
        <Lasting ms={until - at} />
      </td>
      <td class="number">{count(steps)}</td>
      <td class="number">
        <Lasting ms={until - startedAt} />
      </td>
    </tr>
  );
}
