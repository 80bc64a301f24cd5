import { describe, expect, test } from 'vitest';

import {
  CONGESTED_BYTES,
  MAX_HANDED_BYTES,
  MAX_QUEUED_MESSAGES,
  MAX_UNSENT_BYTES,
  WAITED_MS,
  WRITE_STALL_MS,
  WriteQueue,
} from '../../../src/io/link/write-queue.ts';
import { newBudgets } from '../../support/budgets.ts';
import { StalledDuplex } from '../../support/stalled-duplex.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const MIB = 1024 * 1024;

/** A message whose first byte is its name. */
function named(name: number, bytes = 1): Uint8Array {
  const message = new Uint8Array(bytes);
  message[0] = name;
  return message;
}

function newWriteQueue(duplex = new StalledDuplex(), budget = newBudgets().unsent) {
  const clock = new StepClock();
  const stalls: number[] = [];
  const traffic = { ingress: 0, egress: 0 };
  const queue = new WriteQueue(duplex, clock, traffic, budget, {
    onStalled: (unsentBytes) => stalls.push(unsentBytes),
    onProgress: () => {},
  });
  const send = (name: number, bytes = 1) => queue.send(bytes, () => named(name, bytes));
  return { queue, duplex, clock, stalls, traffic, send };
}

/** One that begins to queue with the next message. */
function congested() {
  const at = newWriteQueue();
  at.queue.write(named(0, MAX_HANDED_BYTES));
  return at;
}

/** What became of a promise so far. */
async function fateOf(promise: Promise<void>): Promise<unknown> {
  const pending = new Promise((resolve) => setImmediate(resolve, 'pending'));
  return Promise.race([promise.then(() => 'sent').catch((error: unknown) => error), pending]);
}

test('the limits are those of the catalogue', () => {
  expect({
    MAX_HANDED_BYTES,
    CONGESTED_BYTES,
    MAX_UNSENT_BYTES,
    MAX_QUEUED_MESSAGES,
    WRITE_STALL_MS,
    WAITED_MS,
  }).toEqual({
    MAX_HANDED_BYTES: 64 * 1024,
    CONGESTED_BYTES: MIB,
    MAX_UNSENT_BYTES: 32 * MIB,
    MAX_QUEUED_MESSAGES: 1024,
    WRITE_STALL_MS: 20_000,
    WAITED_MS: 100,
  });
});

describe('writing', () => {
  test('bytes leave in the order of the calls', async () => {
    const { queue, duplex, send } = newWriteQueue(new StalledDuplex(true));
    queue.write(named(1));
    await send(2);
    queue.write(named(3));
    await send(4);
    await turns(1);
    expect(duplex.firstBytes).toEqual([1, 2, 3, 4]);
  });

  test('what is written in one turn leaves in one call, at the end of it', async () => {
    const { queue, duplex, send } = newWriteQueue(new StalledDuplex(true));
    for (const name of [1, 2]) queue.write(named(name));
    await send(3);
    await turns(1);
    queue.write(named(4));
    await turns(1);
    expect(duplex.calls.map(({ length }) => length)).toEqual([3, 1]);
  });

  test('a stream that is gone swallows what is written', async () => {
    const { queue, duplex, send, stalls } = newWriteQueue();
    duplex.destroy();
    queue.write(named(1));
    await send(2);
    await turns(1);
    expect([duplex.calls, stalls]).toEqual([[], []]);
  });
});

describe('R4: a remote that is slow', () => {
  test('messages queue from 64 KiB in the stream on', async () => {
    const { queue, send } = newWriteQueue();
    queue.write(named(0, MAX_HANDED_BYTES - 1));
    expect(await fateOf(send(1))).toBe('sent');
    expect(await fateOf(send(2))).toBe('pending');
  });

  test('the queue goes on when the stream has drained, in its order', async () => {
    const { duplex, send } = congested();
    const fates = [send(1), send(2), send(3)];
    await duplex.open();
    await Promise.all(fates);
    await turns(1);
    expect(duplex.firstBytes).toEqual([0, 1, 2, 3]);
  });

  test('the queue goes on only as far as the next congestion', async () => {
    const { duplex, send } = congested();
    const fates = [send(1, MAX_HANDED_BYTES), send(2)];
    await turns(1);
    const opened = duplex.open();
    duplex.hold(); // one call was taken, and no more
    await opened;
    expect(await fateOf(fates[0]!)).toBe('sent');
    expect(await fateOf(fates[1]!)).toBe('pending');
    expect(duplex.firstBytes).toEqual([0, 1]);
  });

  test('a sender that awaits is as slow as the remote', async () => {
    const { duplex, send } = newWriteQueue();
    let sent = 0;
    const sender = (async () => {
      for (; sent < 40; sent += 1) await send(sent, 256 * 1024);
    })();
    await turns();
    expect(sent).toBe(0); // 64 KiB of the first one are in the stream
    await duplex.open();
    await sender;
    expect(sent).toBe(40);
  });

  test('small messages of the base protocol pass the queue', async () => {
    const { queue, duplex, send } = congested();
    const queued = send(2);
    queue.write(named(1));
    await duplex.open();
    await queued;
    await turns(1);
    expect(duplex.firstBytes).toEqual([0, 1, 2]);
  });

  test('a message is sealed at the moment it is written, so that MACs chain in that order', async () => {
    const { queue, duplex } = congested();
    let sealed = 0;
    const seal = (): Uint8Array => {
      sealed += 1;
      return named(sealed);
    };
    const queued = [queue.send(1, seal), queue.send(1, seal)];
    queue.write(seal());
    expect(sealed).toBe(1);
    await duplex.open();
    await Promise.all(queued);
    await turns(1);
    expect(duplex.firstBytes).toEqual([0, 1, 2, 3]);
  });
});

describe('the queue is bounded', () => {
  test('by 1,024 messages once 1 MiB is unsent', async () => {
    const { queue, send } = congested();
    const queued = Array.from({ length: MAX_QUEUED_MESSAGES }, () => send(1, 1024));
    await expect(send(2)).rejects.toBeInstanceOf(RangeError);
    queue.detach('over');
    for (const { status } of await Promise.allSettled(queued)) expect(status).toBe('rejected');
  });

  test('by 1 MiB of small messages, each counted with its frame', async () => {
    const { queue, send } = congested();
    const queued = Array.from({ length: 20_000 }, () => send(1));
    const fates = Promise.allSettled(queued);
    queue.detach('over');
    const refused = (await fates).filter(
      (fate) => fate.status === 'rejected' && fate.reason instanceof RangeError,
    );
    expect(20_000 - refused.length).toBeGreaterThan(14_000);
    expect(20_000 - refused.length).toBeLessThan(16_384);
  });

  test('by 32 MiB', async () => {
    const { queue, send } = congested();
    const queued = Array.from({ length: 32 }, () => send(1, MIB));
    await expect(send(2)).rejects.toBeInstanceOf(RangeError);
    queue.detach('over');
    await Promise.allSettled(queued);
  });

  test('and has room again for what was written', async () => {
    const { duplex, send } = congested();
    const queued = Array.from({ length: 32 }, () => send(1, MIB));
    await duplex.open();
    await Promise.all(queued);
    await turns(2);
    expect(await fateOf(send(2))).toBe('sent');
  });

  test('bytes are counted once they are written, and not while they wait', async () => {
    const { queue, duplex, send, traffic } = congested();
    const queued = send(1, 10);
    expect(traffic).toEqual({ ingress: 0, egress: MAX_HANDED_BYTES });
    await duplex.open();
    await queued;
    expect(traffic.egress).toBe(MAX_HANDED_BYTES + 10);
    queue.end(new Error('over'));
    queue.write(named(2));
    expect(traffic.egress).toBe(MAX_HANDED_BYTES + 10);
  });

  test('a message that cannot be sealed is refused to its sender alone', async () => {
    const { queue, duplex, send } = congested();
    const tooLong = expect(
      queue.send(1, () => {
        throw new RangeError('too long for a frame');
      }),
    ).rejects.toBeInstanceOf(RangeError);
    const next = send(2);
    await duplex.open();
    expect(await fateOf(next)).toBe('sent');
    await tooLong;
  });
});

describe('a fast sender', () => {
  test('lets timers run between its messages, however fast the remote takes them', async () => {
    const { send } = newWriteQueue(new StalledDuplex(true));
    let isTimerRun = false;
    setTimeout(() => {
      isTimerRun = true;
    }, 1);
    let sent = 0;
    for (; !isTimerRun && sent < 100_000; sent += 1) await send(1, 1024);
    expect(sent).toBeLessThan(100_000);
  });

  test('sends 16 messages in one turn of the event loop, and loses none', async () => {
    const { send, duplex } = newWriteQueue(new StalledDuplex(true));
    const sent = Array.from({ length: 40 }, (_, name) => send(name));
    await Promise.all(sent);
    await turns(1);
    expect(duplex.calls.map(({ length }) => length)).toEqual([16, 16, 8]);
    expect(duplex.firstBytes).toEqual(Array.from({ length: 40 }, (_, name) => name));
  });

  test('ends its turn after 5 ms even with fewer messages', async () => {
    const { queue, clock, duplex } = newWriteQueue(new StalledDuplex(true));
    for (let name = 0; name < 6; name += 1)
      void queue.send(1, () => {
        clock.advance(3);
        return named(name);
      });
    await Promise.resolve();
    expect(duplex.writableLength).toBe(2);
    await turns(4);
    expect(duplex.firstBytes).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('a ping of ours', () => {
  test('waits for 64 KiB in the stream and the frame that has begun, and for no other message', async () => {
    const { queue, duplex, send } = newWriteQueue();
    const sent = [send(1, 2 * MAX_HANDED_BYTES), send(2, MIB)];
    queue.write(named(9));
    await duplex.open();
    await Promise.all(sent);
    await turns(1);
    expect(duplex.firstBytes.slice(0, 4)).toEqual([1, 0, 9, 2]);
  });

  test('is reported when the system took it, and not when it was queued', async () => {
    const { queue, duplex } = congested();
    let isTaken = false;
    queue.write(named(9), () => {
      isTaken = true;
    });
    await turns(2);
    expect(isTaken).toBe(false);
    await duplex.open();
    await turns(2);
    expect(isTaken).toBe(true);
  });
});
