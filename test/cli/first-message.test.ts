import { expect, test } from 'vitest';
import type { Message, Port } from '../../src/api/protocol.ts';
import { firstMessage } from '../../src/cli/first-message.ts';
import { messagePipe } from '../../src/testing/protocol/message-pipe.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';

const message = (code: number): Message => ({ code, payload: Uint8Array.of(code) });

async function readAll(port: Port, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const codes: number[] = [];
  for await (const { code } of port) {
    codes.push(code);
    if (codes.length === most) break;
  }
  return codes;
}

const piped = () => messagePipe({ name: 'pipe', version: 3, length: 9, capacity: 9 });

test('the first message is shown, and read again with those after it', async () => {
  const clock = new VirtualClock();
  const [ours, theirs] = piped();
  for (const code of [4, 5]) await theirs.send(code, Uint8Array.of(code));
  const first = await firstMessage(ours, clock, 100);
  expect(first.message).toEqual(message(4));
  await theirs.send(6, Uint8Array.of());
  expect(await readAll(first.port, 3)).toEqual([4, 5, 6]);
  expect(clock.pending).toBe(0);
});

test('one that comes too late is read by the handler', async () => {
  const clock = new VirtualClock();
  const [ours, theirs] = piped();
  const wait = firstMessage(ours, clock, 100);
  await clock.advance(100);
  const { message: none, port } = await wait;
  expect(none).toBe(null);
  await theirs.send(7, Uint8Array.of());
  expect(await readAll(port, 1)).toEqual([7]);
});

test('the port is that of the handler: it sends, and ends with the peer', async () => {
  const [ours, theirs] = piped();
  const wait = firstMessage(ours, new VirtualClock(), 100);
  ours.close(new Error('gone'));
  const { message: none, port } = await wait;
  expect(none).toBe(null);
  expect([port.name, port.version, port.signal.aborted]).toEqual(['pipe', 3, true]);
  await expect(port.send(1, Uint8Array.of())).rejects.toThrow('gone');
  expect(await readAll(port)).toEqual([]);
  expect(theirs.signal.aborted).toBe(true);
});
