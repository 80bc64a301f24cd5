import { describe, expect, test } from 'vitest';

import { messagePipe } from '../../../src/testing/protocol/message-pipe.ts';
import { turns } from '../../support/turn.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await turns(3);
  return settled;
}

describe('ExampleMsgPipe', () => {
  test('messages arrive at the other end in order, in both directions', async () => {
    const [a, b] = messagePipe();
    const sent = [a.send(8, bytes(1)), a.send(5, bytes(2))];
    void b.send(1, bytes());
    const got = [await take(b), await take(b), await take(a)];
    await Promise.all(sent);
    expect(got).toEqual([
      { code: 8, payload: bytes(1) },
      { code: 5, payload: bytes(2) },
      { code: 1, payload: bytes() },
    ]);
  });
});

describe('a send', () => {
  test('resolves when the other end has taken the message', async () => {
    const [a, b] = messagePipe();
    const sent = a.send(0, bytes());
    expect(await isSettled(sent)).toBe(false);
    await take(b);
    expect(await isSettled(sent)).toBe(true);
  });

  test('resolves at once when the other end waits', async () => {
    const [a, b] = messagePipe();
    const got = take(b);
    await a.send(3, bytes(9));
    expect(await got).toEqual({ code: 3, payload: bytes(9) });
  });

  test('resolves at once while the capacity lasts', async () => {
    const [a, b] = messagePipe({ name: 'x', version: 1, length: 9, capacity: 2 });
    const sent = [0, 1, 2, 3].map((code) => a.send(code, bytes()));
    const settled = async () => Promise.all(sent.map(isSettled));
    expect(await settled()).toEqual([true, true, false, false]);
    await take(b);
    expect(await settled()).toEqual([true, true, true, false]);
  });

  test('follows the rules of the protocol', async () => {
    const [a] = messagePipe({ name: 'eth', version: 69, length: 2, maxMessageBytes: 1 });
    await expect(a.send(2, bytes())).rejects.toThrow('eth/69: message code 2 is not below 2');
    await expect(a.send(-1, bytes())).rejects.toThrow(RangeError);
    await expect(a.send(0, bytes(1, 2))).rejects.toThrow('eth/69: payload has 2 bytes, limit 1');
  });

  test('copies the payload', async () => {
    const [a, b] = messagePipe();
    const payload = bytes(1);
    void a.send(0, payload);
    payload[0] = 2;
    expect((await take(b)).payload).toEqual(bytes(1));
  });
});

describe('closing', () => {
  test('MsgPipeUnblockWrite: a waiting send is rejected', async () => {
    const [a, b] = messagePipe();
    const sent = a.send(0, bytes());
    b.close();
    await expect(sent).rejects.toThrow('closed pipe');
    await expect(b.send(0, bytes())).rejects.toThrow('closed pipe');
  });

  test('ends waiting reads on both ends, and sets the reason', async () => {
    const [a, b] = messagePipe();
    const waiting = [a, b].map((end) => end[Symbol.asyncIterator]().next());
    a.close(new Error('enough'));
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect([a.signal.aborted, (b.signal.reason as Error).message]).toEqual([true, 'enough']);
  });

  test('MsgPipeConcurrentClose: counts once, from whichever end', () => {
    const [a, b] = messagePipe();
    b.close(new Error('first'));
    a.close(new Error('second'));
    expect((a.signal.reason as Error).message).toBe('first');
  });

  test('a send that was taken before the close succeeds', async () => {
    const [a, b] = messagePipe();
    const sent = a.send(0, bytes());
    await take(b);
    a.close();
    await expect(sent).resolves.toBeUndefined();
  });
});

async function take(end: ReturnType<typeof messagePipe>[0]) {
  return (await end[Symbol.asyncIterator]().next()).value;
}
