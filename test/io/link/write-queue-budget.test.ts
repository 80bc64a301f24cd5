/** The budget over all peers, as one queue feels it. */
import { expect, test } from 'vitest';
import { WriteQueue } from '../../../src/io/link/write-queue.ts';
import { Budget, BudgetShare } from '../../../src/io/process/budget.ts';
import { StalledDuplex } from '../../support/stalled-duplex.ts';
import { StepClock } from '../../support/step-clock.ts';
import { turns } from '../../support/turn.ts';

const MIB = 1024 * 1024;

function newWriteQueue() {
  const duplex = new StalledDuplex();
  const budget = new Budget(40 * MIB);
  const traffic = { ingress: 0, egress: 0 };
  const queue = new WriteQueue(duplex, new StepClock(), traffic, budget, {
    onStalled: () => {},
    onProgress: () => {},
  });
  const send = (bytes: number) => queue.send(bytes, () => new Uint8Array(bytes));
  return { queue, duplex, budget, send, other: new BudgetShare(budget) };
}

test('what is written and what is queued count until the system has taken them', async () => {
  const { budget, duplex, send } = newWriteQueue();
  const queued = [send(MIB), send(MIB)];
  expect(budget.heldBytes).toBe(2 * MIB);
  await duplex.open();
  await Promise.all(queued);
  await turns(2);
  expect(budget.heldBytes).toBe(0);
});

test('R4: a message of more bytes than are free is rejected, and the error says so', async () => {
  const { budget, other, send } = newWriteQueue();
  other.hold(36 * MIB);
  send(2 * MIB).catch(() => {});
  await expect(send(1)).rejects.toThrow(
    new RangeError(
      'too much is unsent to all peers together: 2097152 bytes to this one and 1 more; try again later',
    ),
  );
  expect(budget.heldBytes).toBe(38 * MIB);
});

test('R4: a small message to a remote that reads is sent however little is free', async () => {
  const { duplex, other, send } = newWriteQueue();
  await duplex.open();
  other.hold(50 * MIB);
  for (let i = 0; i < 100; i += 1) {
    await send(60 * 1024);
    await turns(1);
  }
  expect(duplex.calls).toHaveLength(100);
});

test('the end frees the queue, and release frees everything', async () => {
  const { queue, budget, send } = newWriteQueue();
  const sent = send(MIB);
  const queued = expect(send(MIB)).rejects.toThrow('over');
  queue.end(new Error('over'));
  await Promise.all([sent, queued]);
  expect(budget.heldBytes).toBe(MIB);
  queue.detach(new Error('over'));
  expect(budget.heldBytes).toBe(0);
});
