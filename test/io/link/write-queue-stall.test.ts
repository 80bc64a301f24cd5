import { describe, expect, test } from 'vitest';
import { Traffic } from '../../../src/io/link/traffic.ts';
import {
  CONGESTED_BYTES,
  MAX_UNSENT_BYTES,
  WRITE_STALL_MS,
  WriteQueue,
} from '../../../src/io/link/write-queue.ts';
import { newBudgets } from '../../support/budgets.ts';
import { StalledDuplex } from '../../support/stalled-duplex.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const MIB = new Uint8Array(1024 * 1024);
const SMALL = Uint8Array.of(1);

function newOutbox() {
  const duplex = new StalledDuplex();
  const clock = new StepClock();
  const stalls: number[] = [];
  const outbox = new WriteQueue(
    duplex,
    clock,
    new Traffic().stream,
    newBudgets().unsent,
    (unsentBytes) => stalls.push(unsentBytes),
  );
  return { outbox, duplex, clock, stalls };
}

describe('R4: a remote that reads nothing', () => {
  test('is stalled 20 s after the first bytes it did not take, to the millisecond', () => {
    const { outbox, clock, stalls } = newOutbox();
    clock.advance(1_000);
    outbox.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    expect(stalls).toEqual([]);
    clock.advance(1);
    expect(stalls).toEqual([MIB.length]);
  });

  test('is not given more time by further writes', () => {
    const { outbox, clock, stalls } = newOutbox();
    for (let waited = 0; waited < WRITE_STALL_MS; waited += 1_000) {
      outbox.write(MIB);
      clock.advance(1_000);
    }
    expect(stalls).toEqual([20 * MIB.length]);
  });

  test('has 20 s more from each drain on', async () => {
    const { outbox, duplex, clock, stalls } = newOutbox();
    outbox.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    await duplex.open();
    expect(clock.pending).toBe(0);
    duplex.hold();
    outbox.write(MIB);
    clock.advance(WRITE_STALL_MS - 1);
    expect(stalls).toEqual([]);
    clock.advance(1);
    expect(stalls).toHaveLength(1);
  });

  test('is stalled at once with more than 32 MiB unsent', () => {
    const { outbox, stalls } = newOutbox();
    for (let unsent = 0; unsent < MAX_UNSENT_BYTES; unsent += MIB.length) outbox.write(MIB);
    expect(stalls).toEqual([]);
    outbox.write(SMALL);
    expect(stalls).toEqual([MAX_UNSENT_BYTES + 1]);
  });

  for (const [how, stall] of [
    ['after 20 s', (clock: StepClock) => clock.advance(WRITE_STALL_MS)],
    ['over 32 MiB', (_: StepClock, outbox: WriteQueue) => fill(outbox)],
  ] as const)
    test(`is reported once ${how}, whatever is written then`, () => {
      const { outbox, clock, stalls } = newOutbox();
      outbox.write(MIB);
      stall(clock, outbox);
      expect(stalls).toHaveLength(1);
      for (const _ of [1, 2, 3]) {
        outbox.write(SMALL);
        clock.advance(WRITE_STALL_MS);
      }
      expect(stalls).toHaveLength(1);
    });

  test('what fits below the mark of the stream is no reason to wait', () => {
    const { outbox, clock } = newOutbox();
    outbox.write(SMALL);
    expect(clock.pending).toBe(0);
  });
});

describe('the end of our direction', () => {
  test('comes after what was written', async () => {
    const { outbox, duplex } = newOutbox();
    outbox.write(SMALL);
    outbox.end(new Error('ending'));
    await turns(1);
    expect(duplex.isEnded).toBe(false);
    await duplex.open();
    expect(duplex.firstBytes).toEqual([1]);
    expect(duplex.isEnded).toBe(true);
  });

  test('refuses what is queued, and what is sent later, with its reason', async () => {
    const { outbox, duplex } = newOutbox();
    const reason = new Error('ending');
    outbox.write(MIB);
    const queued = outbox.send(1, () => SMALL);
    outbox.end(reason);
    await expect(queued).rejects.toBe(reason);
    await expect(outbox.send(1, () => SMALL)).rejects.toBe(reason);
    outbox.write(SMALL);
    await duplex.open();
    expect(duplex.calls.flat()).toHaveLength(1);
  });

  test('does not end a stream that is gone', () => {
    const { outbox, duplex } = newOutbox();
    duplex.destroy();
    outbox.end(new Error('ending'));
    expect(duplex.writableEnded).toBe(false);
  });
});

describe('R9: letting go', () => {
  test('leaves no listener and no timer', async () => {
    const duplex = new StalledDuplex();
    const before = duplex.eventNames();
    const clock = new StepClock();
    const outbox = new WriteQueue(
      duplex,
      clock,
      new Traffic().stream,
      newBudgets().unsent,
      () => {},
    );
    outbox.write(MIB);
    expect(clock.pending).toBe(1);
    outbox.detach(new Error('over'));
    expect(clock.pending).toBe(0);
    expect(duplex.eventNames()).toEqual(before);
    await turns(1); // the turn in which it was corked ends after it let go
    expect(duplex.writableCorked).toBe(0);
  });

  test('refuses the queue, and writes nothing any more', async () => {
    const { outbox, duplex } = newOutbox();
    const reason = new Error('over');
    outbox.write(new Uint8Array(CONGESTED_BYTES));
    const queued = outbox.send(1, () => SMALL);
    outbox.detach(reason);
    await expect(queued).rejects.toBe(reason);
    outbox.write(SMALL);
    await duplex.open();
    expect(duplex.calls.flat()).toHaveLength(1);
    expect(duplex.isEnded).toBe(false);
  });
});

function fill(outbox: WriteQueue): void {
  for (let unsent = MIB.length; unsent < MAX_UNSENT_BYTES; unsent += MIB.length) outbox.write(MIB);
  outbox.write(SMALL);
}
