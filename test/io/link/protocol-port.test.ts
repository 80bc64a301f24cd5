import { describe, expect, test } from 'vitest';

import { type Message, QueuedPort } from '../../../src/io/link/protocol-port.ts';
import { Traffic } from '../../../src/io/link/traffic.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const message = (code: number, bytes = 1): Message => ({ code, payload: new Uint8Array(bytes) });

/** A port of three messages that begin at 0x20 on the connection. */
function newPort(send: () => Promise<number> = async () => 7) {
  const sent: [number, number][] = [];
  const taken: number[] = [];
  const place = { name: 'eth', version: 68, length: 3, offset: 0x20, maxMessageBytes: 10 };
  const clock = new StepClock();
  const port = new QueuedPort(place, {
    clock,
    send: (id, payload) => {
      sent.push([id, payload.length]);
      return send();
    },
    onTaken: (bytes) => taken.push(bytes),
    traffic: new Traffic().of(place),
  });
  return { port, clock, sent, taken, next: () => port[Symbol.asyncIterator]().next() };
}

test('a port has the name and version of its protocol', () => {
  expect(newPort().port).toMatchObject({ name: 'eth', version: 68, queued: 0 });
});

describe('sending', () => {
  test('moves the code to its place on the connection', async () => {
    const { port, sent } = newPort();
    await port.send(0, new Uint8Array(0));
    await port.send(2, new Uint8Array(10));
    expect(sent).toEqual([
      [0x20, 0],
      [0x22, 10],
    ]);
  });

  test('is counted under its own code, with its size on the wire', async () => {
    const { port } = newPort(async () => 7);
    await port.send(2, new Uint8Array(10));
    expect([...port.traffic.egress]).toEqual([[2, { messages: 1, bytes: 7 }]]);
  });

  test('is not counted when it does not go out', async () => {
    const { port } = newPort(() => Promise.reject(new Error('too slow')));
    await port.send(2, new Uint8Array(10)).catch(() => {});
    expect([...port.traffic.egress]).toEqual([]);
  });

  for (const code of [-1, 3, 0.5, Number.NaN])
    test(`code ${code} is outside the protocol`, async () => {
      const { port, sent } = newPort();
      await expect(port.send(code, new Uint8Array(0))).rejects.toBeInstanceOf(RangeError);
      expect(sent).toEqual([]);
    });

  test('a payload over the limit of the protocol is refused', async () => {
    const { port, sent } = newPort();
    await expect(port.send(0, new Uint8Array(11))).rejects.toBeInstanceOf(RangeError);
    expect(sent).toEqual([]);
  });

  test('waits as long as the link does, and fails as it does', async () => {
    const refusal = new RangeError('the peer is slow');
    const { port } = newPort(() => Promise.reject(refusal));
    await expect(port.send(0, new Uint8Array(1))).rejects.toBe(refusal);
  });

  test('P17: may go unawaited: its failure does not reach the process', async () => {
    const { port } = newPort(() => Promise.reject(new Error('the peer is gone')));
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    void port.send(0, new Uint8Array(1));
    void port.send(99, new Uint8Array(1));
    await turns(2);
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });

  test('after the end rejects with its reason', async () => {
    const { port, sent } = newPort();
    const reason = new Error('the peer is gone');
    port.close(reason);
    await expect(port.send(0, new Uint8Array(1))).rejects.toBe(reason);
    expect(sent).toEqual([]);
  });
});

describe('the time of a handler', () => {
  const timesOf = ({ port }: ReturnType<typeof newPort>) =>
    [...port.traffic.handled].map(([code, { count, sumMs }]) => [code, count, sumMs]);

  test('is from taking a queued message to asking for the next one', async () => {
    const setup = newPort();
    const { port, clock, next } = setup;
    port.deliver(message(1));
    clock.advance(100); // it waits in the queue
    await next();
    clock.advance(7);
    expect(timesOf(setup)).toEqual([]);
    void next();
    expect(timesOf(setup)).toEqual([[1, 1, 7]]);
  });

  test('of a handler that waited begins when the message arrives', async () => {
    const setup = newPort();
    const { port, clock, next } = setup;
    const waiting = next();
    clock.advance(100);
    port.deliver(message(2));
    clock.advance(3);
    await waiting;
    port.deliver(message(0));
    await next();
    clock.advance(5);
    void next();
    expect(timesOf(setup)).toEqual([
      [2, 1, 3],
      [0, 1, 5],
    ]);
  });

  test('is counted once, however often the handler asks', async () => {
    const setup = newPort();
    setup.port.deliver(message(1));
    await setup.next();
    for (let times = 0; times < 3; times += 1) void setup.next();
    expect(timesOf(setup)).toEqual([[1, 1, 0]]);
  });
});

describe('receiving', () => {
  test('iterates in the order of arrival, and reports the bytes taken', async () => {
    const { port, taken } = newPort();
    expect([port.deliver(message(0, 5)), port.deliver(message(1, 7))]).toEqual([5, 7]);
    expect(port.queued).toBe(2);
    const codes: number[] = [];
    for await (const { code } of port) {
      codes.push(code);
      if (codes.length === 2) break;
    }
    expect(codes).toEqual([0, 1]);
    expect(taken).toEqual([5, 7]);
    expect(port.queued).toBe(0);
  });

  test('a message for a handler that waits does not queue', async () => {
    const { port, taken, next } = newPort();
    const waiting = next();
    expect(port.deliver(message(2, 5))).toBe(0);
    expect(await waiting).toMatchObject({ done: false, value: { code: 2 } });
    expect(taken).toEqual([]);
  });

  test('several who wait are served in their order', async () => {
    const { port, next } = newPort();
    const waiting = [next(), next(), next()];
    for (const code of [0, 1, 2]) port.deliver(message(code));
    const codes = (await Promise.all(waiting)).map(({ value }) => value?.code);
    expect(codes).toEqual([0, 1, 2]);
  });

  test('two iterators share one queue', async () => {
    const { port } = newPort();
    const [one, other] = [port[Symbol.asyncIterator](), port[Symbol.asyncIterator]()];
    port.deliver(message(0));
    port.deliver(message(1));
    expect([(await one.next()).value?.code, (await other.next()).value?.code]).toEqual([0, 1]);
  });
});

describe('the end', () => {
  test('aborts a signal that is first asked for afterwards, with the first reason', async () => {
    const { port } = newPort();
    const reason = new Error('they left');
    port.close(reason);
    port.close(new Error('later'));
    await expect(port.send(0, new Uint8Array(0))).rejects.toBe(reason);
    expect(port.signal.aborted).toBe(true);
    expect(port.signal.reason).toBe(reason);
  });

  test('aborts the signal with its reason', () => {
    const { port } = newPort();
    const heard: unknown[] = [];
    port.signal.addEventListener('abort', () => heard.push(port.signal.reason));
    const reason = new Error('the peer is gone');
    port.close(reason);
    expect(heard).toEqual([reason]);
  });

  test('ends every waiting iteration', async () => {
    const { port, next } = newPort();
    const waiting = [next(), next()];
    port.close(new Error('over'));
    for (const { done } of await Promise.all(waiting)) expect(done).toBe(true);
    expect((await next()).done).toBe(true);
  });

  test('comes after what was there before it', async () => {
    const { port, next, taken } = newPort();
    port.deliver(message(1, 5));
    port.close(new Error('over'));
    expect(await next()).toMatchObject({ done: false, value: { code: 1 } });
    expect((await next()).done).toBe(true);
    expect(taken).toEqual([5]);
  });

  test('may be followed by a drop of the queue', async () => {
    const { port, next, taken } = newPort();
    port.deliver(message(0, 5));
    port.close(new Error('over'));
    port.drop();
    expect([port.queued, port.queuedBytes]).toEqual([0, 0]);
    expect((await next()).done).toBe(true);
    expect(taken).toEqual([]);
  });

  test('lets nothing wait that comes afterwards', () => {
    const { port } = newPort();
    port.close(new Error('over'));
    expect(port.deliver(message(0, 5))).toBe(0);
    expect(port.queued).toBe(0);
  });

  test('happens once: the first reason stays', () => {
    const { port } = newPort();
    const first = new Error('first');
    port.close(first);
    port.close(new Error('second'));
    expect(port.signal.reason).toBe(first);
  });
});

describe('whether the handler takes what is queued', () => {
  test('is not watched without a queue', () => {
    const { port } = newPort();
    port.watchTaking();
    expect(port.notTakingSince).toBeNull();
  });

  test('is measured from the start of the watch, then from each message it takes', async () => {
    const { port, clock, next } = newPort();
    for (const code of [0, 1, 2]) port.deliver(message(code));
    clock.advance(5);
    port.watchTaking();
    clock.advance(10);
    port.watchTaking();
    expect(port.notTakingSince).toBe(5);
    await next();
    expect(port.notTakingSince).toBe(15);
  });

  test('ends with the last message of the queue', async () => {
    const { port, next } = newPort();
    port.deliver(message(0));
    port.watchTaking();
    await next();
    expect(port.notTakingSince).toBeNull();
  });
});
