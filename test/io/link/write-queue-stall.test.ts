import { describe, expect, test } from 'vitest';
import { Traffic } from '../../../src/io/link/traffic.ts';
import {
  MAX_HANDED_BYTES,
  MAX_UNSENT_BYTES,
  WAITED_MS,
  WRITE_STALL_MS,
  WriteQueue,
} from '../../../src/io/link/write-queue.ts';
import { newBudgets } from '../../support/budgets.ts';
import { StalledDuplex } from '../../support/stalled-duplex.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const MIB = new Uint8Array(1024 * 1024);
const SMALL = Uint8Array.of(1);

function newWriteQueue() {
  const duplex = new StalledDuplex();
  const clock = new StepClock();
  const stalls: number[] = [];
  const at = { progress: 0 };
  const queue = new WriteQueue(duplex, clock, new Traffic().stream, newBudgets().unsent, {
    onStalled: (unsentBytes) => stalls.push(unsentBytes),
    onProgress: () => {
      at.progress += 1;
    },
  });
  return { queue, duplex, clock, stalls, at };
}

describe('R4: a remote that reads nothing', () => {
  test('is stalled 20 s after the first bytes it did not take, to the millisecond', () => {
    const { queue, clock, stalls } = newWriteQueue();
    clock.advance(1_000);
    queue.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    expect(stalls).toEqual([]);
    clock.advance(1);
    expect(stalls).toEqual([MIB.length]);
  });

  test('is not given more time by further writes', () => {
    const { queue, clock, stalls } = newWriteQueue();
    for (let waited = 0; waited < WRITE_STALL_MS; waited += 1_000) {
      queue.write(MIB);
      clock.advance(1_000);
    }
    expect(stalls).toEqual([20 * MIB.length]);
  });

  test('has 20 s more from each part that it took on', async () => {
    const { queue, duplex, clock, stalls } = newWriteQueue();
    queue.write(MIB);
    await turns(1);
    for (let parts = 0; parts < 10; parts += 1) {
      clock.advance(WRITE_STALL_MS - 1);
      duplex.takeOne();
      await turns(1);
    }
    expect(stalls).toEqual([]);
    clock.advance(WRITE_STALL_MS - 1);
    expect(stalls).toEqual([]);
    clock.advance(1);
    expect(stalls).toEqual([6 * MAX_HANDED_BYTES]);
  });

  test('has made progress when it took what had to wait, and not when a buffer of ours took it', async () => {
    const { queue, duplex, clock, at } = newWriteQueue();
    queue.write(MIB);
    await turns(1);
    clock.advance(WAITED_MS - 1);
    duplex.takeOne();
    await turns(1);
    expect(at.progress).toBe(0);
    clock.advance(WAITED_MS);
    duplex.takeOne();
    expect(at.progress).toBe(1);
  });

  test('has 20 s more from each drain on', async () => {
    const { queue, duplex, clock, stalls } = newWriteQueue();
    queue.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    await duplex.open();
    expect(clock.pending).toBe(0);
    duplex.hold();
    queue.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    expect(stalls).toEqual([]);
    clock.advance(1);
    expect(stalls).toHaveLength(1);
  });

  test('is stalled at once with more than 32 MiB unsent', () => {
    const { queue, stalls } = newWriteQueue();
    for (let unsent = 0; unsent < MAX_UNSENT_BYTES; unsent += MIB.length) queue.write(MIB);
    expect(stalls).toEqual([]);
    queue.write(SMALL);
    expect(stalls).toEqual([MAX_UNSENT_BYTES + 1]);
  });

  for (const [how, stall] of [
    ['after 20 s', (clock: StepClock) => clock.advance(WRITE_STALL_MS)],
    ['over 32 MiB', (_: StepClock, queue: WriteQueue) => fill(queue)],
  ] as const)
    test(`is reported once ${how}, whatever is written then`, () => {
      const { queue, clock, stalls } = newWriteQueue();
      queue.write(MIB);
      stall(clock, queue);
      expect(stalls).toHaveLength(1);
      for (const _ of [1, 2, 3]) {
        queue.write(SMALL);
        clock.advance(WRITE_STALL_MS);
      }
      expect(stalls).toHaveLength(1);
    });

  test('what fits below the mark of the stream is no reason to wait', () => {
    const { queue, clock } = newWriteQueue();
    queue.write(SMALL);
    expect(clock.pending).toBe(0);
  });
});

describe('the end of our direction', () => {
  test('comes after what was written', async () => {
    const { queue, duplex } = newWriteQueue();
    queue.write(SMALL);
    queue.end(new Error('ending'));
    await turns(1);
    expect(duplex.isEnded).toBe(false);
    await duplex.open();
    expect(duplex.firstBytes).toEqual([1]);
    expect(duplex.isEnded).toBe(true);
  });

  test('refuses what is queued, and what is sent later, with its reason', async () => {
    const { queue, duplex } = newWriteQueue();
    const reason = new Error('ending');
    queue.write(MIB);
    const queued = queue.send(1, () => SMALL);
    queue.end(reason);
    await expect(queued).rejects.toBe(reason);
    await expect(queue.send(1, () => SMALL)).rejects.toBe(reason);
    queue.write(SMALL);
    await duplex.open();
    expect(duplex.calls.flat().reduce((sum, { length }) => sum + length, 0)).toBe(MIB.length);
  });

  test('does not end a stream that is gone', () => {
    const { queue, duplex } = newWriteQueue();
    duplex.destroy();
    queue.end(new Error('ending'));
    expect(duplex.writableEnded).toBe(false);
  });
});

describe('R9: letting go', () => {
  test('leaves no listener and no timer', async () => {
    const duplex = new StalledDuplex();
    const before = duplex.eventNames();
    const clock = new StepClock();
    const queue = new WriteQueue(duplex, clock, new Traffic().stream, newBudgets().unsent, {
      onStalled: () => {},
      onProgress: () => {},
    });
    queue.write(MIB);
    expect(clock.pending).toBe(1);
    queue.detach(new Error('over'));
    expect(clock.pending).toBe(0);
    expect(duplex.eventNames()).toEqual(before);
    await turns(1); // the turn in which it was corked ends after it let go
    expect(duplex.writableCorked).toBe(0);
  });

  test('refuses the queue, and writes nothing any more', async () => {
    const { queue, duplex } = newWriteQueue();
    const reason = new Error('over');
    queue.write(new Uint8Array(MAX_HANDED_BYTES));
    const queued = queue.send(1, () => SMALL);
    queue.detach(reason);
    await expect(queued).rejects.toBe(reason);
    queue.write(SMALL);
    await duplex.open();
    expect(duplex.calls.flat()).toHaveLength(1);
    expect(duplex.isEnded).toBe(false);
  });
});

function fill(queue: WriteQueue): void {
  for (let unsent = MIB.length; unsent < MAX_UNSENT_BYTES; unsent += MIB.length) queue.write(MIB);
  queue.write(SMALL);
}
