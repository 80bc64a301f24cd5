import { expect, test } from 'vitest';

import { GIVE_UP_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../../src/machines/server/server-setup.ts';
import {
  askIn,
  askRoom,
  candidate,
  dialSchedulerDone,
  dropped,
  listenerDone,
  partBroke,
  runServerTo,
  target,
} from '../../support/server-run.ts';

test('sockets are destroyed before the server gives up, and this is within the 5 s that stop() promises', () => {
  expect(STOP_TIMEOUT_MS).toBeLessThan(GIVE_UP_TIMEOUT_MS);
  expect(GIVE_UP_TIMEOUT_MS).toBeLessThan(5_000);
});

test('nothing is sent to a dial scheduler that is gone', () => {
  const run = runServerTo('running');
  run.send(partBroke.dialScheduler);
  expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
  expect(askIn(run, candidate('a'))).toEqual({ type: 'accept' });
  run.send(
    { type: 'connection.ended', connectionId: 'to a', slot: null },
    dropped('a'),
    { type: 'static.add', target: target('b') },
    { type: 'dial.ended', id: 'b' },
    { type: 'stop' },
  );
  expect(run.dialScheduler.commands).toEqual([]);
});

test('nothing is sent to a listener that is gone', () => {
  const run = runServerTo('stopping');
  run.listener.report(listenerDone);
  const { length } = run.listener.commands;
  run.send({ type: 'connection.ended', connectionId: '1', slot: 1 });
  run.send({ type: 'auth.arrived', slot: 1 });
  expect(run.listener.commands).toHaveLength(length);
  run.dialScheduler.report(dialSchedulerDone);
  expect(run.isOver()).toBe(true);
});
