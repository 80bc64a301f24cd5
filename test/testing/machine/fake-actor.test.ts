import { expect, test } from 'vitest';
import { createActor } from 'xstate';
import { protocolMachine } from '../../../src/machines/peer/protocol.ts';
import { fakeHandler, fakeLink } from '../../../src/testing/machine/fake-adapters.ts';
import { UNUSED_LINK } from '../../../src/testing/machine/setup-input.ts';

const run = async (): Promise<void> => {};

test('reports as the latest run, or as the run of an index, and knows how many are live', () => {
  const handler = fakeHandler();
  expect(() => handler.report({ type: 'handler.returned' })).toThrow('there is no run -1');
  const machine = protocolMachine.provide({ actors: { handler: handler.logic } });
  const [first, second] = ['a/1', 'b/1'].map((protocol) =>
    createActor(machine, { input: { protocol, run } }).start(),
  );
  expect(handler.live).toBe(2);
  expect(handler.inputs).toEqual([run, run]);
  handler.report({ type: 'handler.failed', message: 'oops' }, 0);
  expect(first?.getSnapshot().output?.how).toBe('failed');
  expect(second?.getSnapshot().status).toBe('active');
  expect(() => handler.forget()).toThrow('one of its runs has not ended');
  handler.report({ type: 'handler.returned' });
  expect(second?.getSnapshot().output?.how).toBe('returned');
  handler.forget();
  expect([handler.live, handler.inputs.length]).toEqual([0, 0]);
});

test('records commands in order', () => {
  const seen: string[] = [];
  const link = fakeLink(({ type }) => seen.push(type));
  const actor = createActor(link.logic, { input: UNUSED_LINK }).start();
  actor.send({ type: 'send.auth' });
  actor.send({ type: 'await.ack' });
  expect(seen).toEqual(['send.auth', 'await.ack']);
  expect(link.commands.map(({ type }) => type)).toEqual(seen);
  actor.stop();
  expect(link.live).toBe(0);
});
