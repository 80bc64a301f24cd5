/** On a clock and turns of the event loop that only this test moves. */
import { describe, expect, test } from 'vitest';

import {
  CURVE_TURN_MS,
  HANDSHAKE_ABANDONED,
  type HandshakeKind,
  HandshakeQueue,
  MAX_STRANGERS,
} from '../../../src/io/process/handshake-queue.ts';
import { StepClock } from '../../support/step-clock.ts';

/** What one operation takes, in ms. */
const OPERATION_MS = 3;

/** A queue, and handshakes that do `operations` each; `log` has the name of each handshake at each operation. */
function newQueue(operationMs = OPERATION_MS) {
  const clock = new StepClock();
  const scheduled: (() => void)[] = [];
  const queue = new HandshakeQueue(clock, (run) => scheduled.push(run));
  const log: string[] = [];
  let strangersMs = 0;

  const start = (name: string, operations = 1, kind: HandshakeKind = 'stranger') => {
    const ticket = queue.enter(kind);
    if (!ticket) return null;
    const work = async (): Promise<void> => {
      for (let left = operations; left > 0; left -= 1) {
        await ticket.turn();
        log.push(name);
        clock.advance(operationMs);
        if (kind === 'stranger') strangersMs += operationMs;
      }
      ticket.leave();
    };
    return { ticket, done: work() };
  };

  /** One turn of the event loop, in which peers may have had something to do. */
  const turn = async (peersMs = 0): Promise<void> => {
    clock.advance(peersMs);
    if (peersMs > 0) queue.notePeerWork();
    for (const run of scheduled.splice(0)) run();
    for (let i = 0; i < 100; i += 1) await null; // what hangs on promises is done before the next turn
  };
  return { clock, queue, scheduled, log, start, turn, strangersMs: () => strangersMs };
}

describe('one slow operation on the curve in one turn of the event loop', () => {
  test('two handshakes with two operations each take four turns', async () => {
    const { start, turn, log } = newQueue();
    start('a', 2);
    start('b', 2);
    const done: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      await turn();
      done.push(log.length);
    }
    expect(done).toEqual([1, 2, 3, 4, 4]);
  });

  test('nothing is scheduled while no handshake waits', async () => {
    const { start, turn, scheduled } = newQueue();
    expect(scheduled).toHaveLength(0);
    start('a', 2);
    start('b');
    expect(scheduled).toHaveLength(1);
    await turn();
    await turn();
    await turn();
    expect(scheduled).toHaveLength(0);
  });

  test('an operation that leaves the thread does not hold up the next one', async () => {
    const { queue, start, turn, log } = newQueue();
    const slow = queue.enter('stranger')!;
    void slow.turn(); // it ends later
    start('b');
    await turn();
    await turn();
    expect(log).toEqual(['b']);
  });

  test('a handshake that asks for two turns at once is our mistake', () => {
    const { queue } = newQueue();
    const ticket = queue.enter('stranger')!;
    void ticket.turn();
    expect(() => ticket.turn()).toThrow(TypeError);
  });
});

describe('fast operations', () => {
  test('share a turn until a millisecond has passed', async () => {
    const { start, turn, log } = newQueue(CURVE_TURN_MS / 4);
    for (const name of ['a', 'b', 'c']) start(name, 4);
    const done: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      await turn();
      done.push(log.length);
    }
    expect(done).toEqual([5, 10, 12, 12]);
    expect(log.join('')).toBe('aaaabbbbcccc');
  });

  test('share it also with the slow one that ends it', async () => {
    const { clock, queue, start, turn, log } = newQueue(CURVE_TURN_MS / 4);
    start('fast', 2);
    const slow = queue.enter('stranger')!;
    const done = slow.turn().then(() => {
      log.push('slow');
      clock.advance(40);
      slow.leave();
    });
    start('next');
    await turn();
    await done;
    expect(log).toEqual(['fast', 'fast', 'slow']);
    await turn();
    expect(log).toEqual(['fast', 'fast', 'slow', 'next']);
  });

  test('have a turn each when the clock does not say what they take', async () => {
    const { start, turn, log } = newQueue(0);
    start('a', 3);
    await turn();
    await turn();
    expect(log).toEqual(['a', 'a']);
  });

  test('of strangers are a quarter of a core while peers have work in every turn', async () => {
    const { clock, start, turn, strangersMs } = newQueue(0.0625);
    for (let i = 0; i < 250; i += 1) start(`s${i}`, 7);
    const begun = clock.now();
    for (let i = 0; i < 1_000; i += 1) await turn(0.25);
    const share = strangersMs() / (clock.now() - begun);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.255);
  });

  test('of handshakes that are expected go before those of strangers in the same turn', async () => {
    const { start, turn, log } = newQueue(CURVE_TURN_MS / 4);
    start('stranger', 2);
    start('ours', 2, 'expected');
    await turn();
    expect(log).toEqual(['ours', 'ours', 'stranger', 'stranger']);
  });
});

describe('the order', () => {
  test('the oldest handshake goes on to its end before the next one begins', async () => {
    const { start, turn, log } = newQueue();
    start('a', 2);
    start('b', 2);
    for (let i = 0; i < 4; i += 1) await turn();
    expect(log).toEqual(['a', 'a', 'b', 'b']);
  });

  test('a handshake that is expected goes before older ones of strangers', async () => {
    const { start, turn, log } = newQueue();
    start('a', 2);
    await turn();
    start('ours', 2, 'expected');
    for (let i = 0; i < 3; i += 1) await turn();
    expect(log).toEqual(['a', 'ours', 'ours', 'a']);
  });
});

describe('a handshake that ends before its turn', () => {
  test('costs no operation, and the next one has its turn', async () => {
    const { start, turn, log } = newQueue();
    const gone = start('gone')!;
    start('b');
    gone.ticket.leave();
    await expect(gone.done).rejects.toBe(HANDSHAKE_ABANDONED);
    await turn();
    expect(log).toEqual(['b']);
  });

  test('gets no turn afterwards, and can leave twice', async () => {
    const { queue } = newQueue();
    const ticket = queue.enter('stranger')!;
    ticket.leave();
    ticket.leave();
    await expect(ticket.turn()).rejects.toBe(HANDSHAKE_ABANDONED);
  });
});

describe('the share of strangers', () => {
  test('is at most a quarter of a core while peers have work in every turn', async () => {
    const { clock, start, turn, strangersMs } = newQueue();
    for (let i = 0; i < 50; i += 1) start(`s${i}`, 7);
    const begun = clock.now();
    for (let i = 0; i < 2_000; i += 1) await turn(1);
    const share = strangersMs() / (clock.now() - begun);
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.252); // the first operation had no limit yet
  });

  test('is all that is free as soon as a turn passes without work of peers', async () => {
    const { start, turn, log } = newQueue();
    start('a', 4);
    await turn(1);
    await turn(1);
    expect(log).toHaveLength(1);
    await turn(0);
    expect(log).toHaveLength(2);
  });

  test('does not limit those that are expected', async () => {
    const { start, turn, log } = newQueue();
    start('ours', 4, 'expected');
    for (let i = 0; i < 4; i += 1) await turn(1);
    expect(log).toHaveLength(4);
  });

  test('is not used up by those that are expected', async () => {
    const { start, turn, log } = newQueue();
    start('ours', 1, 'expected');
    start('a');
    await turn(1);
    await turn(1);
    expect(log).toEqual(['ours', 'a']);
  });
});

describe('too many strangers', () => {
  test('the newest gets no place until another one leaves', () => {
    const { queue } = newQueue();
    const tickets = Array.from({ length: MAX_STRANGERS }, () => queue.enter('stranger'));
    expect(tickets).not.toContain(null);
    expect(queue.enter('stranger')).toBeNull();
    tickets[7]!.leave();
    expect(queue.enter('stranger')).not.toBeNull();
    expect(queue.enter('stranger')).toBeNull();
  });

  test('do not keep out an expected handshake', () => {
    const { queue } = newQueue();
    for (let i = 0; i < MAX_STRANGERS; i += 1) queue.enter('stranger');
    expect(queue.enter('expected')).not.toBeNull();
  });
});
