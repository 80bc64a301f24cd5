/** A scheduler with nothing to dial does not ask its generator at each change of peers. */
import { expect, test } from 'vitest';

import { type DialGenerator, dialGenerator } from '../../../src/machines/dialing/dial-generator.ts';
import { target } from '../../support/dial-input.ts';
import {
  added,
  completed,
  type DialRun,
  peerAdded,
  peerRemoved,
  pending,
  runDials,
  statics,
} from '../../support/dial-run.ts';

/** How often a generator was asked for tasks. */
function counting(generator: DialGenerator<unknown>) {
  const asked = { times: 0 };
  const counted: DialGenerator<unknown> = {
    ...generator,
    newTasks(state, situation) {
      asked.times += 1;
      return generator.newTasks(state, situation);
    },
  };
  return { asked, generator: counted };
}

const ours = dialGenerator as DialGenerator<unknown>;

/** A node calls, becomes a peer, and leaves. */
const visit = (run: DialRun, id: string): void =>
  run.send(pending(id), peerAdded(id, 'inbound'), completed(id), peerRemoved(id));

test('callers that come and go do not make a scheduler without nodes ask', () => {
  const { asked, generator } = counting(ours);
  const run = runDials({ generator });
  visit(run, 'a');
  expect(asked.times).toBe(0);
  run.send(added('b'));
  expect(run.fresh()).toEqual(['b']);
  visit(run, 'a');
  expect(asked.times).toBeGreaterThan(1);
});

test('with a static node, a bootnode or candidates it asks', () => {
  for (const nodes of [statics('b'), { bootnodes: [target('b')] }, { hasCandidates: true }]) {
    const { asked, generator } = counting(ours);
    const run = runDials({ generator, ...nodes });
    const before = asked.times;
    visit(run, 'a');
    expect(asked.times).toBeGreaterThan(before);
  }
});

test('a generator that does not say whether it may dial is always asked', () => {
  const { mayDial: _, ...silent } = ours;
  const { asked, generator } = counting(silent);
  const run = runDials({ generator });
  visit(run, 'a');
  expect(asked.times).toBeGreaterThan(2);
});

test('static nodes that wait for a place are reported as free when the last of them is removed', () => {
  const run = runDials({ rules: { maxDialed: 1 } });
  run.send(peerAdded('a', 'static'), added('b'));
  expect(run.region('staticNodes')).toBe('heldBack');
  run.send({ type: 'static.remove', id: 'b' });
  expect(run.region('staticNodes')).toBe('dialable');
});
