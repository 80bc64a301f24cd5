import { expect, onTestFinished, test } from 'vitest';
import { createActor, type EventObject } from 'xstate';

import {
  type EndpointProberEvent,
  endpointProber,
  type ProofTarget,
} from '../../../src/io/adapters/endpoint-prober.ts';
import { MAX_PING_WAITERS } from '../../../src/io/discovery/ping-waiters.ts';
import { RESPONSE_TIMEOUT_MS } from '../../../src/io/discovery/request-matcher.ts';
import { endpointProofMachine } from '../../../src/machines/discovery/endpoint-proof.ts';
import { LATENCY_MS, MemoryNet, Sender, startNode } from '../../support/discv4-net.ts';
import { runAdapter } from '../../support/reports.ts';

test('reports the ping, their ping and their pong', () => {
  const { net, us, them, reports } = stage();
  const hash = them.ping(us);
  net.clock.advance(LATENCY_MS);
  them.pong(us, them.take('ping').hash);
  net.clock.advance(LATENCY_MS);
  expect(reports).toEqual<EndpointProberEvent[]>([
    { type: 'ping.sent' },
    { type: 'theirPing.received' },
    { type: 'pong.received', rttMs: 2 * LATENCY_MS, seq: 7 },
  ]);
  expect(them.take('pong').message).toMatchObject({ pingHash: hash });
});

test('reports that no pong came, and nothing after that', () => {
  const { net, us, them, reports } = stage();
  net.clock.advance(RESPONSE_TIMEOUT_MS);
  them.ping(us);
  net.clock.advance(LATENCY_MS);
  expect(reports).toEqual([{ type: 'ping.sent' }, { type: 'ping.timedOut' }]);
});

test('reports why no ping was sent', () => {
  const { reports } = stage({ udpPort: 0 });
  expect(reports).toEqual([{ type: 'ping.refused', why: 'noUdpEndpoint' }]);
});

test('reports that too many wait', () => {
  const net = new MemoryNet();
  const us = startNode(net);
  const them = new Sender(net);
  for (let index = 0; index < MAX_PING_WAITERS; index += 1) us.discv4.onPingOf(them.node, () => {});
  const { reports } = probe(us, them.node);
  expect(reports).toEqual([{ type: 'ping.refused', why: 'tooManyRequests' }]);
  expect(net.wire).toEqual([]);
});

test('reports that the socket was closed', () => {
  const { us, reports } = stage();
  us.discv4.close();
  expect(reports).toEqual([{ type: 'ping.sent' }, { type: 'ping.refused', why: 'closed' }]);
});

test('stops waiting when it is stopped', () => {
  const { net, us, reports, stop } = stage();
  stop();
  expect([us.discv4.stats().requests, net.clock.pending]).toEqual([0, 1]); // the datagram
  expect(reports).toEqual([{ type: 'ping.sent' }]);
});

test('with its chart two nodes prove their endpoints to each other', () => {
  const net = new MemoryNet();
  const a = startNode(net);
  const b = startNode(net, { at: { host: '46.0.0.1', port: 30303 }, number: 2 });
  const machine = endpointProofMachine.provide({ actors: { prober: endpointProber(a.discv4) } });
  const prove = () => createActor(machine, { input: { target: b.node }, clock: net.clock }).start();
  const first = prove();
  net.clock.advance(RESPONSE_TIMEOUT_MS);
  expect(first.getSnapshot().output).toEqual({ outcome: 'proven', rttMs: 2 * LATENCY_MS, seq: 1 });
  expect([a.discv4.isProven(b.node), b.discv4.isProven(a.node)]).toEqual([true, true]);
  expect([a.discv4.needsProof(b.node), b.discv4.needsProof(a.node)]).toEqual([false, false]);
  const again = prove(); // they do not ping back: they have our proof
  net.clock.advance(RESPONSE_TIMEOUT_MS + 2 * LATENCY_MS);
  expect(again.getSnapshot().output).toMatchObject({ outcome: 'proven' });
  expect(net.clock.pending).toBe(0);
});

function stage(changes: { readonly udpPort?: number } = {}) {
  const net = new MemoryNet();
  const us = startNode(net);
  const them = new Sender(net);
  const { reports, stop } = probe(us, { ...them.node, ...changes });
  onTestFinished(stop);
  return { net, us, them, reports, stop };
}

function probe({ discv4 }: ReturnType<typeof startNode>, target: ProofTarget) {
  const { reports, stop } = runAdapter<EndpointProberEvent, EventObject, ProofTarget>(
    endpointProber(discv4),
    target,
  );
  return { reports: reports.all, stop };
}
