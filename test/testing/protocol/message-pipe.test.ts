import { describe, expect, test } from 'vitest';

import { messagePipe } from '../../../src/testing/protocol/message-pipe.ts';
import { turns } from '../../support/turn.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Whether a promise has come to its end by now. */
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
  test('what is sent into one end comes out of the other one, in order, both ways', async () => {
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
  test('is done when the other end has taken the message', async () => {
    const [a, b] = messagePipe();
    const sent = a.send(0, bytes());
    expect(await isSettled(sent)).toBe(false);
    await take(b);
    expect(await isSettled(sent)).toBe(true);
  });

  test('is done at once when somebody waits for it', async () => {
    const [a, b] = messagePipe();
    const got = take(b);
    await a.send(3, bytes(9));
    expect(await got).toEqual({ code: 3, payload: bytes(9) });
  });

  test('is done at once while there is room, if there is to be any', async () => {
    const [a, b] = messagePipe({ name: 'x', version: 1, length: 9, capacity: 2 });
    const sent = [0, 1, 2, 3].map((code) => a.send(code, bytes()));
    const settled = async () => Promise.all(sent.map(isSettled));
    expect(await settled()).toEqual([true, true, false, false]);
    await take(b);
    expect(await settled()).toEqual([true, true, true, false]);
  });

  test('keeps to the rules of the protocol', async () => {
    const [a] = messagePipe({ name: 'eth', version: 69, length: 2, maxMessageBytes: 1 });
    await expect(a.send(2, bytes())).rejects.toThrow('code 2 is not one of the 2 of eth/69');
    await expect(a.send(-1, bytes())).rejects.toThrow(RangeError);
    await expect(a.send(0, bytes(1, 2))).rejects.toThrow('2 bytes are more than the 1 of eth/69');
  });

  test('takes the bytes of that moment', async () => {
    const [a, b] = messagePipe();
    const payload = bytes(1);
    void a.send(0, payload);
    payload[0] = 2;
    expect((await take(b)).payload).toEqual(bytes(1));
  });
});

describe('closing', () => {
  test('MsgPipeUnblockWrite: a send that nobody took is refused', async () => {
    const [a, b] = messagePipe();
    const sent = a.send(0, bytes());
    b.close();
    await expect(sent).rejects.toThrow('closed pipe');
    await expect(b.send(0, bytes())).rejects.toThrow('closed pipe');
  });

  test('ends whoever waits, on both ends, and says why', async () => {
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

  test('a send that was taken before it succeeds', async () => {
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
