/** A server with one broken rule violates one invariant: a seed finds it and reports the few actions that repeat it. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { assign, enqueueActions, sendTo } from 'xstate';
import { createWorld } from '../../../src/testing/world/world.ts';
import type { WorldError } from '../../../src/testing/world/world-error.ts';
import { replayScript, runSeed } from '../../support/random-world.ts';
import type { Action } from '../../support/world-script.ts';

/** Replacements for exports of the machines, by name. */
const broken = vi.hoisted(() => ({}) as Record<string, unknown>);

/** A module whose exports can be replaced at run time. */
const standIn = vi.hoisted(() => (real: object) => {
  const module = {};
  for (const [name, value] of Object.entries(real)) {
    const get = () => broken[name] ?? value;
    const call = (...args: unknown[]) => (get() as (...args: unknown[]) => unknown)(...args);
    const descriptor = typeof value === 'function' ? { value: call } : { get };
    Object.defineProperty(module, name, { ...descriptor, enumerable: true });
  }
  return module;
});

vi.mock(
  import('../../../src/machines/connection/admission.ts'),
  async (real) => standIn(await real()) as never,
);
vi.mock(
  import('../../../src/machines/listening/handshake-slots.ts'),
  async (real) => standIn(await real()) as never,
);
vi.mock(
  import('../../../src/machines/dialing/dial-check.ts'),
  async (real) => standIn(await real()) as never,
);
vi.mock(
  import('../../../src/machines/dialing/dial-scheduler.ts'),
  async (real) => standIn(await real()) as never,
);
vi.mock(
  import('../../../src/machines/server/server.ts'),
  async (real) => standIn(await real()) as never,
);
vi.mock(
  import('../../../src/machines/peer/peer.ts'),
  async (real) => standIn(await real()) as never,
);

const { serverMachine } = await vi.importActual<
  typeof import('../../../src/machines/server/server.ts')
>('../../../src/machines/server/server.ts');
const { peerMachine } = await vi.importActual<typeof import('../../../src/machines/peer/peer.ts')>(
  '../../../src/machines/peer/peer.ts',
);
const { dialSchedulerMachine } = await vi.importActual<
  typeof import('../../../src/machines/dialing/dial-scheduler.ts')
>('../../../src/machines/dialing/dial-scheduler.ts');

afterEach(() => {
  for (const name of Object.keys(broken)) delete broken[name];
});

const accept = () => ({ type: 'accept' });
const nothing = (): void => {};

describe('violations found by seeds', () => {
  test.for<[string, number, () => Record<string, unknown>]>([
    ['every connection is accepted', 1, () => ({ judgeRoom: accept, judgePeer: accept })],
    ['no peer is reported to the scheduler', 2, () => ({ serverMachine: lettingIn('untold') })],
    [
      'an accepted connection is not in the peer set',
      2,
      () => ({ serverMachine: lettingIn('unlisted') }),
    ],
    ['a dropped peer stays in the peer set', 3, () => ({ serverMachine: dropping('listed') })],
    ['a peer is dropped without a drop event', 3, () => ({ serverMachine: dropping('unheard') })],
    ['slots are never returned', 4, () => ({ returnSlot: (slots: unknown) => slots })],
    ['slots are returned twice', 4, () => ({ serverMachine: returningTwice() })],
    ['recently dialled nodes are dialled again', 5, () => ({ dialSchedulerMachine: hasty() })],
    ['there is always a free dial slot', 6, () => ({ slotsOf: () => ({ static: 9, dynamic: 9 }) })],
    ['it pings after a Disconnect', 9, () => ({ peerMachine: pinging() })],
    ['the scheduler forgets new peers', 11, () => ({ dialSchedulerMachine: forgetting() })],
  ])('%s', { timeout: 60_000 }, async ([, invariant, breaking]) => {
    Object.assign(broken, breaking());
    const found = await firstFailure();
    const { violation } = found.cause as WorldError;
    expect(violation?.invariant, found.message).toBe(invariant);
    expect(violation?.trail.length).toBeGreaterThan(0);
    expect(found.message).toContain(`: invariant ${invariant} (`);
    const [, seed, list] = found.message.match(/replayLife\("(.*)", (\[.*\])\)/s)!;
    expect(found.message).toMatch(new RegExp(`^${seed}: `));
    const script = JSON.parse(list!.replace(/,\s*\]$/, ']')) as Action[];
    expect(script.length, found.message).toBeLessThanOrEqual(8);
    await expect(replayScript(seed!, script)).rejects.toMatchObject({ violation });
    for (const left of script) {
      const shorter = script.filter((action) => action !== left);
      expect(await brokenBy(seed!, shorter)).not.toBe(invariant);
    }
  });
});

test('12: a rolled back start leaves nothing', async () => {
  const keepingAnAddress = {
    setFault: assign({ address: { host: '192.0.2.1', port: 30303 } }),
    clearAddress: nothing,
  };
  broken['serverMachine'] = serverMachine.provide({ actions: keepingAnAddress as never });
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const a = world.node();
  await world.start(a);
  const b = world.recreate(a); // its address is in use
  await expect(world.start(b)).rejects.toMatchObject({
    violation: { invariant: 12, node: 'node 1' },
  });
});

test('a world without invariants checks nothing', async () => {
  Object.assign(broken, { judgeRoom: accept, judgePeer: accept });
  const world = createWorld({ seed: 1, crypto: 'fast', invariants: false });
  const [a, b] = [world.node(), world.node({ maxPeers: 0 })];
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.until(() => b.server.peerCount === 1);
  await world.end();
});

async function firstFailure(): Promise<Error> {
  for (let seed = 0; seed < 60; seed += 1) {
    const failure = await runSeed(`seed ${seed}`).then(
      () => null,
      (error: Error) => error,
    );
    if (failure) return failure;
  }
  throw new Error('no seed finds it');
}

const brokenBy = (seed: string, script: readonly Action[]): Promise<number | undefined> =>
  replayScript(seed, script).then(
    () => undefined,
    ({ violation }: WorldError) => violation?.invariant,
  );

/** The check for room is skipped. */
function lettingIn(how: 'untold' | 'unlisted') {
  return serverMachine.provide({
    actions: {
      answerAddPeer: enqueueActions(({ context, enqueue }, { candidate, replyTo }) => {
        const { id, direction } = candidate;
        const entry = { ...candidate, trusted: true };
        if (how === 'untold') enqueue.assign({ peers: new Map(context.peers).set(id, entry) });
        else enqueue.sendTo('dialScheduler', { type: 'peer.added', id, direction });
        enqueue.sendTo(replyTo, { type: 'accept' });
      }),
    },
  });
}

function dropping(how: 'listed' | 'unheard') {
  return serverMachine.provide({
    actions: {
      removePeer: enqueueActions(({ context, enqueue, check }, { id, connectionId, ending }) => {
        const entry = context.peers.get(id);
        if (entry?.connectionId !== connectionId) return;
        if (how === 'listed') return enqueue.emit({ type: 'peer.removed', entry, ending });
        const peers = new Map(context.peers);
        peers.delete(id);
        enqueue.assign({ peers });
        if (check('hasDialScheduler'))
          enqueue.sendTo('dialScheduler', { type: 'peer.removed', id });
      }),
    },
  });
}

const returningTwice = () =>
  serverMachine.provide({
    actions: {
      returnSlot: enqueueActions(({ enqueue, check }, slot) => {
        if (slot === null || !check('hasListener')) return;
        enqueue.sendTo('listener', { type: 'slot.returned', slot });
        enqueue.sendTo('listener', { type: 'slot.returned', slot });
      }),
    },
  });

const pinging = () =>
  peerMachine.provide({ actions: { noteFinished: sendTo('link', { type: 'send.ping' }) } });

const hasty = () => dialSchedulerMachine.provide({ delays: { redialDelay: 1_000 } });

const forgetting = () => dialSchedulerMachine.provide({ actions: { addPeer: nothing } });
