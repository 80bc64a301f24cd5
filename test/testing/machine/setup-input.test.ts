import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { connectionSetupMachine } from '../../../src/machines/connection/connection-setup.ts';
import { fakeLink } from '../../../src/testing/machine/fake-adapters.ts';
import { connectionSetupInput, fakeRunLoop } from '../../../src/testing/machine/setup-input.ts';

test('a connection is accepted with a fake link and a fake run loop', () => {
  const link = fakeLink();
  const runLoop = fakeRunLoop();
  const machine = connectionSetupMachine.provide({ actors: { link: link.logic } });
  const input = connectionSetupInput({ runLoop: runLoop.ref });
  const setup = createActor(machine, { input }).start();
  const publicKey = 'ab'.repeat(64);
  const hello = { version: 5, client: 'test/1', capabilities: [], listenPort: 0, publicKey };
  link.report({ type: 'auth.queued' });
  link.report({ type: 'auth.received', publicKey, id: 'cd'.repeat(32) });
  link.report({ type: 'ack.sent' });
  link.report({ type: 'hello.received', hello });
  expect(setup.getSnapshot().output?.outcome).toBe('admitted');
  expect(runLoop.requests.map(({ type }) => type)).toEqual([
    'checkpoint.postHandshake',
    'checkpoint.addPeer',
  ]);
  expect(runLoop.slots).toEqual([0]);
  expect(link.live).toBe(0);
});

test('a fake run loop may reject, or not answer at all', () => {
  const stateAfterAck = (answer: NonNullable<Parameters<typeof fakeRunLoop>[0]>) => {
    const link = fakeLink();
    const machine = connectionSetupMachine.provide({ actors: { link: link.logic } });
    const input = connectionSetupInput({
      direction: 'static',
      runLoop: fakeRunLoop(answer).ref,
    });
    expect(input.slot).toBe(null);
    const setup = createActor(machine, { input }).start();
    link.report({ type: 'auth.sent' });
    link.report({ type: 'ack.received', publicKey: 'ab'.repeat(64), id: 'cd'.repeat(32) });
    const { value } = setup.getSnapshot();
    setup.stop();
    return value;
  };
  expect(stateAfterAck(() => ({ type: 'reject.tooManyPeers', facts: {} }))).toEqual({
    rejected: 'tooManyPeers',
  });
  expect(stateAfterAck(() => null)).toBe('postHandshakeCheckpoint');
});
