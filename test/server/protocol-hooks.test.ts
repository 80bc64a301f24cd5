import { expect, test } from 'vitest';
import { ProtocolHooks } from '../../src/server/protocol-hooks.ts';
import { turns } from '../support/turn.ts';

const hooked = (log: string[], name: string) => ({
  ...{ name, version: 1 },
  onServerStart: () => log.push(`start ${name}`),
  onServerStop: () => log.push(`stop ${name}`),
});

test('are called in order, the stop only after a start', () => {
  const log: string[] = [];
  const hooks = new ProtocolHooks(
    [hooked(log, 'a'), { name: 'b', version: 1 }, hooked(log, 'c')],
    () => expect.fail('nothing fails'),
  );
  hooks.stop();
  expect(log).toEqual([]);
  hooks.start();
  hooks.stop();
  expect(log).toEqual(['start a', 'start c', 'stop a', 'stop c']);
});

test('what they throw or reject with is reported, and the next one is called', async () => {
  const log: string[] = [];
  const faults: string[] = [];
  const hooks = new ProtocolHooks(
    [
      { ...hooked(log, 'a'), onServerStart: () => expect.fail('thrown') },
      { ...hooked(log, 'b'), onServerStart: () => Promise.reject(new Error('rejected')) },
      hooked(log, 'c'),
    ],
    (error, where) => faults.push(`${where}: ${(error as Error).message}`),
  );
  hooks.start();
  await turns();
  expect(faults).toEqual(['onServerStart of a/1: thrown', 'onServerStart of b/1: rejected']);
  expect(log).toEqual(['start c']);
});
