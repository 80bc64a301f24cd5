/** A dial scheduler on a manual clock, with a recording source of candidates, and the dials it asked for. */
import type { CallbackActorLogic } from 'xstate';

import type { CandidateCommand, CandidateEvent } from '../../src/io/adapters/candidate-source.ts';
import type { Direction } from '../../src/machines/connection/connection.ts';
import {
  type DialSchedulerEvent,
  type DialSchedulerReport,
  dialSchedulerMachine,
} from '../../src/machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { type DialOverrides, dialInput, target } from './dial-input.ts';
import { runChild } from './run-machine.ts';

export type DialRun = ReturnType<typeof runDials>;

export function runDials(overrides: DialOverrides = {}) {
  const source = new FakeActor<CandidateCommand, CandidateEvent<DialTarget>, unknown>();
  const candidates = source.logic as CallbackActorLogic<CandidateCommand>;
  const run = runChild(
    dialSchedulerMachine.provide({ actors: { candidates } }),
    dialInput(overrides),
  );
  const reports = run.reports as readonly DialSchedulerReport[];
  let read = 0;
  let found = 0;
  return {
    ...run,
    reports,
    source,
    /** A candidate is found, which must have been asked for. */
    find: (id: string) => {
      found += 1;
      if (source.commands.length < found) throw new Error('no candidate was requested');
      source.report({ type: 'candidate.found', target: target(id) });
    },
    /** Ids it wanted dialled since the last look, in order of the alphabet. */
    fresh: (): string[] => {
      const news = reports.slice(read);
      read = reports.length;
      return news
        .flatMap((report) => (report.type === 'dial.wanted' ? report.target.id : []))
        .sort();
    },
    /** Where one of its regions is, such as `hungry` of `slots`. */
    region: (name: 'slots' | 'staticNodes' | 'fallback' | 'candidates'): string | undefined =>
      new RegExp(`${name}\\.(\\w+)`).exec(run.state())?.[1],
  };
}

export const statics = (...ids: readonly string[]) => ({ statics: ids.map(target) });
export const ended = (id: string): DialSchedulerEvent => ({ type: 'dial.ended', id });
export const added = (id: string): DialSchedulerEvent => ({
  type: 'static.add',
  target: target(id),
});
export const removed = (id: string): DialSchedulerEvent => ({ type: 'static.remove', id });
export const pending = (id: string): DialSchedulerEvent => ({ type: 'inbound.pending', id });
export const completed = (id: string): DialSchedulerEvent => ({ type: 'inbound.completed', id });
export const peerAdded = (id: string, direction: Direction = 'static'): DialSchedulerEvent => ({
  type: 'peer.added',
  id,
  direction,
});
export const peerRemoved = (id: string): DialSchedulerEvent => ({ type: 'peer.removed', id });
