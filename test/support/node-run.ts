/** Runs the chart of a node with parts whose steps the test ends by hand. */
import type { NodeFault, NodeReport, ServerEnded } from '../../src/io/adapters/node-parts.ts';
import { type NodeMachineInput, nodeMachine } from '../../src/machines/node/node.ts';
import { fakeParts } from '../../src/testing/machine/fake-adapters.ts';
import { runMachine } from './run-machine.ts';

export const BROKEN: NodeFault = { kind: 'serviceFailed', message: 'it broke' };

export const SERVER_ENDED: ServerEnded = {
  type: 'server.ended',
  fault: { kind: 'serverEnded', message: 'the server ended' },
};

/** What each step of a whole start reports, with two services and two APIs. */
export const START: readonly NodeReport[] = [
  { type: 'directory.opened' },
  { type: 'service.created' },
  { type: 'service.created' },
  { type: 'server.created' },
  { type: 'server.started' },
  { type: 'service.started' },
  { type: 'service.started' },
  { type: 'api.opened' },
  { type: 'api.opened' },
];

export function runNode(input: NodeMachineInput = { services: 2, apis: 2 }) {
  const parts = fakeParts();
  const run = runMachine(nodeMachine.provide({ actors: { parts: parts.logic } }), input);
  const report = (...reports: readonly (NodeReport | ServerEnded)[]): void => {
    for (const one of reports) parts.report(one);
  };
  return {
    ...run,
    parts,
    report,
    context: () => run.actor.getSnapshot().context,
    /** Such as `service.stop 1`. */
    commands: () =>
      parts.commands.map((command) =>
        'index' in command ? `${command.type} ${command.index}` : command.type,
      ),
    start: () => run.send({ type: 'start' }),
    stop: () => run.send({ type: 'stop' }),
    /** @param steps How many of the start are done. */
    startUpTo(steps = START.length) {
      run.send({ type: 'start' });
      report(...START.slice(0, steps));
      parts.commands.splice(0, parts.commands.length);
    },
    /** Answers each command of an undoing without a fault. */
    undo() {
      for (let last = ''; ; ) {
        const { type } = parts.commands.at(-1) ?? { type: '' };
        const number = parts.commands.length;
        if (last === `${type} ${number}`) return;
        last = `${type} ${number}`;
        const answer = UNDONE[type];
        if (!answer || parts.live === 0) return;
        report({ type: answer, fault: null });
      }
    },
  };
}

const UNDONE: Readonly<
  Record<string, 'api.closed' | 'service.stopped' | 'server.stopped' | 'directory.released'>
> = {
  'api.close': 'api.closed',
  'service.stop': 'service.stopped',
  'server.stop': 'server.stopped',
  'directory.release': 'directory.released',
};
