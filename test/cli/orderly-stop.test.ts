import { expect, test } from 'vitest';
import { STOP_TIMEOUT_MS, stopInTime } from '../../src/cli/orderly-stop.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { FakeTerminal } from './fake-terminal.ts';

function stopping(stop: () => Promise<void>) {
  const clock = new VirtualClock();
  const terminal = new FakeTerminal();
  const said: string[] = [];
  const code = stopInTime({ stop }, { clock, terminal, say: (text) => said.push(text) });
  return { clock, terminal, said, code };
}

test('a stop in time says nothing, and leaves no timer', async () => {
  const { clock, terminal, said, code } = stopping(async () => {});
  expect(await code).toBe(0);
  clock.advance(STOP_TIMEOUT_MS);
  expect([said, terminal.ends]).toEqual([[], []]);
});

test('errors of a stop are said, and give the exit code 1', async () => {
  const { said, code } = stopping(async () => {
    throw new Error('the server did not stop');
  });
  expect(await code).toBe(1);
  expect(said).toEqual(['the server did not stop']);
});

test('a stop that takes 5 s ends the process', () => {
  const { clock, terminal, said } = stopping(() => new Promise(() => {}));
  clock.advance(STOP_TIMEOUT_MS - 1);
  expect(terminal.ends).toEqual([]);
  clock.advance(1);
  expect(terminal.ends).toEqual([1]);
  expect(said).toEqual(['not everything stopped within 5 s']);
});
