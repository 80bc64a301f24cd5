import { expect, test } from 'vitest';
import {
  type NodeCommand,
  type NodeInterrupt,
  type NodeReport,
  nodeParts,
  type ServerEnded,
} from '../../../src/io/adapters/node-parts.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const ENDED: ServerEnded = {
  type: 'server.ended',
  fault: { kind: 'serverEnded', message: 'gone' },
};

function runParts() {
  const steps: { command: NodeCommand; signal: AbortSignal; end: (report: NodeReport) => void }[] =
    [];
  let interrupts = 0;
  let serverEnds = (_: ServerEnded): void => {};
  const parts = nodeParts((onServerEnded) => {
    serverEnds = onServerEnded;
    return {
      carryOut: (command, signal) =>
        new Promise((end) => void steps.push({ command, signal, end })),
      interrupt: () => {
        interrupts += 1;
      },
    };
  });
  const run = runAdapter<NodeReport | ServerEnded, NodeCommand | NodeInterrupt, unknown>(
    parts as never,
    undefined,
  );
  return { ...run, steps, interrupts: () => interrupts, serverEnds: () => serverEnds(ENDED) };
}

test('each command is carried out, and its end reported', async () => {
  const { send, steps, reports } = runParts();
  send({ type: 'directory.open' });
  steps[0]!.end({ type: 'directory.opened' });
  await turns();
  send({ type: 'server.create' });
  steps[1]!.end({ type: 'server.created' });
  await turns();
  expect(reports.types).toEqual(['directory.opened', 'server.created']);
});

test('a command takes the place of the one before, which is not answered', async () => {
  const { send, steps, reports, interrupts } = runParts();
  send({ type: 'server.start' });
  send({ type: 'interrupt' });
  expect([interrupts(), steps[0]!.signal.aborted]).toEqual([1, false]);
  send({ type: 'server.stop' });
  expect(steps[0]!.signal.aborted).toBe(true);
  steps[0]!.end({ type: 'server.started' });
  steps[1]!.end({ type: 'server.stopped', fault: null });
  await turns();
  expect(reports.types).toEqual(['server.stopped']);
});

test('the end of the server is reported without a command', () => {
  const { serverEnds, reports } = runParts();
  serverEnds();
  expect(reports.types).toEqual(['server.ended']);
});

test('at the end the last step loses its time', () => {
  const { send, stop, steps } = runParts();
  send({ type: 'directory.release' });
  stop();
  expect(steps[0]!.signal.aborted).toBe(true);
});
