import { afterEach, expect, test, vi } from 'vitest';

import { demo } from '../../src/cli/demo.ts';
import { Demo } from '../../src/demo/demo.ts';
import { drainEventLoop } from '../../src/testing/world/event-loop.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { attempt } from '../support/loopback.ts';
import { FakeTerminal } from './fake-terminal.ts';

afterEach(() => void vi.restoreAllMocks());

/** Lets the time of the wall pass as fast as the process can, until the demo is over. */
async function watched(
  json: boolean,
  isSeen: (terminal: FakeTerminal) => boolean,
): Promise<{ terminal: FakeTerminal; code: number; clock: VirtualClock }> {
  const terminal = new FakeTerminal();
  const clock = new VirtualClock();
  let code: number | null = null;
  void demo({ port: 0, seed: 1, speed: 1, json }, terminal, clock).then((given) => {
    code = given;
  });
  while (code === null) {
    await drainEventLoop();
    if (isSeen(terminal)) terminal.stop();
    if (clock.nextAt !== null) clock.fireNext();
  }
  return { terminal, code, clock };
}

test('people see a line for each ending, with its verdict, until Ctrl-C', async () => {
  const { terminal, code, clock } = await watched(false, ({ lines }) => lines.length > 20);
  expect(terminal.lines[0]).toMatch(/^enode:\/\/[0-9a-f]{128}@45\.0\.0\.1:30303$/);
  expect(terminal.output).toContain(
    'We share no capability of the same name and version. [addPeerCheckpoint.asking → rejected.uselessPeer]',
  );
  expect(terminal.output).toContain('This server is stopping. [ending.rejected.clientQuitting]');
  expect(terminal.lines.at(-1)).toBe('stopped');
  expect([code, terminal.errors, clock.pending]).toEqual([0, '', 0]);
});

test('with --json each ending is a JSON object', async () => {
  const { terminal, code } = await watched(true, ({ lines }) => lines.length > 10);
  const types = terminal.reports.map(({ type }) => type);
  expect(types[0]).toBe('started');
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
