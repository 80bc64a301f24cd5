import { afterEach, expect, test, vi } from 'vitest';

import { demo } from '../../src/cli/demo.ts';
import { Demo } from '../../src/demo/demo.ts';
import { timeOfDay } from '../../src/io/process/wall-time.ts';
import { drainEventLoop } from '../../src/testing/world/event-loop.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { attempt } from '../support/loopback.ts';
import { FakeTerminal } from './fake-terminal.ts';

const clockTime = timeOfDay(new FakeTerminal().wallTime());

afterEach(() => void vi.restoreAllMocks());

/** Lets the time of the wall pass as fast as the process can, until the demo is over. */
async function watched(
  json: boolean,
  isSeen: (terminal: FakeTerminal) => boolean,
): Promise<{ terminal: FakeTerminal; code: number; clock: VirtualClock }> {
  const terminal = new FakeTerminal();
  const clock = new VirtualClock();
  let isOver = false;
  const code = demo({ port: 0, seed: 1, speed: 1, json }, terminal, clock).finally(() => {
    isOver = true; // after an error too, or this would turn for ever
  });
  while (!isOver) {
    await drainEventLoop();
    if (isSeen(terminal)) terminal.stop();
    if (clock.nextAt !== null) clock.fireNext();
  }
  return { terminal, code: await code, clock };
}

test('people see a line for each ending, with its verdict, until Ctrl-C', async () => {
  const { terminal, code, clock } = await watched(false, ({ lines }) => lines.length > 20);
  expect(terminal.lines.slice(0, 2)).toEqual([
    `${clockTime} This network is simulated in this process; no real node is contacted.`,
    expect.stringMatching(/^enode:\/\/[0-9a-f]{128}@45\.0\.0\.1:30303$/),
  ]);
  expect(terminal.output).toContain(
    'We share no capability of the same name and version. [addPeerCheckpoint.asking → rejected.uselessPeer]',
  );
  expect(terminal.output).toContain('This server is stopping. [ending.rejected.clientQuitting]');
  expect(terminal.lines.at(-1)).toBe(`${clockTime} stopped`);
  expect([code, terminal.errors, clock.pending]).toEqual([0, '', 0]);
});

test('with --json each ending is a JSON object', async () => {
  const { terminal, code } = await watched(true, ({ lines }) => lines.length > 10);
  const types = terminal.reports.map(({ type }) => type);
  expect(terminal.reports[0]).toMatchObject({
    type: 'started',
    simulated: true,
    time: terminal.wallTime(),
  });
  expect(types).toEqual(expect.arrayContaining(['peer.added', 'connection.ended', 'stopping']));
  expect(types.at(-1)).toBe('stopped');
  expect(code).toBe(0);
});

test('an internal error ends it with a message and exit code 1', async () => {
  vi.spyOn(Demo.prototype, 'run').mockRejectedValue(new Error('invariant 4 (slots) is broken'));
  const { terminal, code } = await watched(false, () => false);
  expect(code).toBe(1);
  expect(terminal.errors).toBe('peerchart: the demo failed: invariant 4 (slots) is broken\n');
  const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(terminal.output)!;
  expect(await attempt(Number(port))).toBe('ECONNREFUSED');
});
