import { expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import type { LifecycleListener } from '../../../src/actors/lifecycle.ts';
import { machineOf } from '../../../src/inspect/recording/event-forms.ts';
import { learnHosts, learning } from '../../../src/inspect/recording/host-learning.ts';
import { createMask, NO_MASK } from '../../../src/inspect/recording/mask.ts';
import { witnessed } from '../../support/recordings.ts';

const newMask = () => createMask(new Uint8Array(32), '00'.repeat(32));

test.for<[string, unknown]>([
  ['a target', { type: 'static.add', target: { host: 'bastion-7' } }],
  ['a found address', { type: 'host.found', address: 'bastion-7' }],
  ['further addresses', { type: 'host.found', address: '192.0.2.1', others: ['bastion-7'] }],
  ['a resolution', { type: 'dial.ended', resolution: { type: 'found', host: 'bastion-7' } }],
  ['an input of a server', { input: { listen: { host: 'bastion-7' } } }],
  ['static nodes', { input: { dial: { statics: [{ host: 'bastion-7' }] } } }],
  ['bootnodes', { input: { dial: { bootnodes: [{ host: 'bastion-7' }] } } }],
  ['queued dials', { queued: [{ target: { host: 'bastion-7' } }] }],
  ['addresses of a dial', { tried: [{ host: 'bastion-7' }], untried: [] }],
])('the host of %s is learned', ([, value]) => {
  const mask = newMask();
  expect(mask.text('ENOTFOUND bastion-7')).toBe('ENOTFOUND bastion-7');
  learnHosts(value, mask);
  expect(mask.text('ENOTFOUND bastion-7')).toBe(`ENOTFOUND ${mask.host('bastion-7')}`);
});

test('a listener gets each step after the hosts of it are known', () => {
  const mask = newMask();
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${what} ${mask.text('a-1 b-1 c-1')}`);
  const listener: LifecycleListener = {
    started: () => note('started'),
    found: () => note('found'),
    stepped: () => note('stepped'),
    ended: () => note('ended'),
  };
  const actor = witnessed(machineOf('dial-task')!, 1, 'dial-task:00000000');
  const at = (host: string) => ({ context: { target: { host } } }) as unknown as AnyMachineSnapshot;
  const wrapped = learning(listener, mask);
  wrapped.started(actor);
  wrapped.found(actor, at('a-1'));
  wrapped.stepped(actor, {
    event: { type: 'host.found', address: 'b-1' },
    taken: [],
    snapshot: at('c-1'),
  });
  wrapped.ended(actor, 'done');
  const [a, b, c] = ['a-1', 'b-1', 'c-1'].map(mask.host);
  expect(seen).toEqual([
    'started a-1 b-1 c-1',
    `found ${a} b-1 c-1`,
    `stepped ${a} ${b} ${c}`,
    `ended ${a} ${b} ${c}`,
  ]);
  expect(learning(listener, NO_MASK)).toBe(listener);
});
