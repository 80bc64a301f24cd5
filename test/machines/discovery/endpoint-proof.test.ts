import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';

import type { EndpointProberEvent, ProofTarget } from '../../../src/io/adapters/endpoint-prober.ts';
import {
  endpointProofMachine,
  PONG_TIMEOUT_MS,
  type ProofFailure,
  THEIR_PING_TIMEOUT_MS,
} from '../../../src/machines/discovery/endpoint-proof.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { runMachine } from '../../support/run-machine.ts';

const target: ProofTarget = { id: 'ab'.repeat(32), host: '192.0.2.1', udpPort: 30303 };
const PONG: EndpointProberEvent = { type: 'pong.received', rttMs: 20, seq: 7 };
const THEIR_PING: EndpointProberEvent = { type: 'theirPing.received' };
const PROVEN = { outcome: 'proven', rttMs: 20, seq: 7 };

describe('a proof', () => {
  test('begins with a ping to the node', () => {
    const run = runProof();
    expect(run.trail).toEqual(['pinging']);
    expect(run.prober.inputs).toEqual([target]);
    run.prober.report({ type: 'ping.sent' });
    expect(run.state()).toBe('awaitingPong.beforeTheirPing');
    run.send({ type: 'stop' });
  });

  test('is there when they ping us after their pong', () => {
    const run = runProof({ type: 'ping.sent' }, PONG);
    expect(run.state()).toBe('awaitingTheirPing');
    run.prober.report(THEIR_PING);
    expect(run.output()).toEqual(PROVEN);
    expect([run.clock.pending, run.prober.live]).toEqual([0, 0]);
  });

  test('is there at their pong when they pinged us before', () => {
    const run = runProof({ type: 'ping.sent' }, THEIR_PING);
    expect(run.state()).toBe('awaitingPong.afterTheirPing');
    run.prober.report(PONG);
    expect(run.trail).toEqual([
      'pinging',
      'awaitingPong.beforeTheirPing',
      'awaitingPong.afterTheirPing',
      'proven',
    ]);
    expect(run.output()).toEqual(PROVEN);
  });

  test('is there 500 ms after their pong when they do not ping: they have our proof already', () => {
    const run = runProof({ type: 'ping.sent' }, PONG);
    run.clock.advance(THEIR_PING_TIMEOUT_MS - 1);
    expect(run.state()).toBe('awaitingTheirPing');
    run.clock.advance(1);
    expect(run.output()).toEqual(PROVEN);
  });

  test('of a node without a record has no sequence number', () => {
    const run = runProof({ type: 'ping.sent' }, THEIR_PING, { ...PONG, seq: null });
    expect(run.output()).toEqual({ ...PROVEN, seq: null });
  });
});

/** How a proof comes to each end without one. */
const FAILURES = {
  noUdpEndpoint: () => runProof({ type: 'ping.refused', why: 'noUdpEndpoint' }),
  notInNetRestrict: () => runProof({ type: 'ping.refused', why: 'notInNetRestrict' }),
  ownNode: () => runProof({ type: 'ping.refused', why: 'ownNode' }),
  tooManyRequests: () => runProof({ type: 'ping.refused', why: 'tooManyRequests' }),
  closed: () => runProof({ type: 'ping.sent' }, { type: 'ping.refused', why: 'closed' }),
  noPong: () => runProof({ type: 'ping.sent' }, { type: 'ping.timedOut' }),
  cancelled: () => {
    const run = runProof({ type: 'ping.sent' });
    run.send({ type: 'stop' });
    return run;
  },
  internalError: () => {
    const run = runProof();
    run.clock.advance(PONG_TIMEOUT_MS);
    return run;
  },
} as const satisfies Record<ProofFailure, () => ProofRun>;

describe('a proof that fails', () => {
  for (const [outcome, reach] of Object.entries<() => ProofRun>(FAILURES))
    test(`ends as ${outcome}`, () => {
      const run = reach();
      expect([run.state(), run.output()]).toEqual([outcome, { outcome }]);
      expect([run.clock.pending, run.prober.live]).toEqual([0, 0]);
    });

  test('has no pong also after their ping', () => {
    const run = runProof({ type: 'ping.sent' }, THEIR_PING, { type: 'ping.timedOut' });
    expect(run.output()).toEqual({ outcome: 'noPong' });
  });

  test('ends when its ping is not reported, or neither its pong nor the time limit is', () => {
    const silent = runProof();
    silent.clock.advance(PONG_TIMEOUT_MS - 1);
    expect(silent.state()).toBe('pinging');
    silent.clock.advance(1);
    expect(silent.state()).toBe('internalError');
    const sent = runProof({ type: 'ping.sent' });
    sent.clock.advance(PONG_TIMEOUT_MS - 1);
    expect(sent.state()).toBe('awaitingPong.beforeTheirPing');
    sent.clock.advance(1);
    expect(sent.state()).toBe('noPong');
  });

  test('ends when its adapter breaks', () => {
    const prober = brokenActor<EventObject, ProofTarget>();
    const run = runMachine(endpointProofMachine.provide({ actors: { prober } }), { target });
    expect(run.output()).toEqual({ outcome: 'internalError' });
  });
});

test('stop ends a proof in every state', () => {
  for (const events of [[], [{ type: 'ping.sent' }], [{ type: 'ping.sent' }, PONG]] as const) {
    const run = runProof(...events);
    run.send({ type: 'stop' });
    expect([run.output(), run.prober.live]).toEqual([{ outcome: 'cancelled' }, 0]);
  }
});

type ProofRun = ReturnType<typeof runProof>;

function runProof(...events: readonly EndpointProberEvent[]) {
  const prober = new FakeActor<EventObject, EndpointProberEvent, ProofTarget>();
  const machine = endpointProofMachine.provide({ actors: { prober: prober.logic } });
  const run = runMachine(machine, { target });
  for (const event of events) prober.report(event);
  return { ...run, prober };
}
