/** A peer whose link and handlers only record, and the ways to its states. */

import type { EventObject } from 'xstate';
import type { HandlerEvent, ProtocolRun } from '../../src/io/adapters/protocol-handler.ts';
import type { Link } from '../../src/io/link/link.ts';
import type { LinkCommand, PeerLinkEvent } from '../../src/io/link/link-events.ts';
import { PING_INTERVAL_MS, peerMachine } from '../../src/machines/peer/peer.ts';
import { protocolMachine } from '../../src/machines/peer/protocol.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { UNUSED_LINK } from '../../src/testing/machine/setup-input.ts';
import { runMachine } from './run-machine.ts';

export const closed: PeerLinkEvent = { type: 'link.closed', how: 'closed', detail: '' };
export const theyLeave: PeerLinkEvent = {
  type: 'disconnect.received',
  reason: 'tooManyPeers',
  code: 4,
};

/** One of each kind. */
export const PEER_LINK_EVENTS = {
  'disconnect.received': theyLeave,
  'link.garbled': { type: 'link.garbled', fault: 'badFrameMac', detail: 'why' },
  'link.stalled': { type: 'link.stalled', unsentBytes: 9 },
  'link.closed': closed,
  'link.faulted': { type: 'link.faulted', message: 'TypeError: oops' },
  'pong.received': { type: 'pong.received' },
  'pong.deferred': { type: 'pong.deferred' },
  'pong.overdue': { type: 'pong.overdue' },
  'link.silent': { type: 'link.silent' },
  'ping.flooded': { type: 'ping.flooded' },
  'hello.repeated': { type: 'hello.repeated' },
  'message.unroutable': { type: 'message.unroutable', code: 99 },
  'handler.stalled': { type: 'handler.stalled', protocol: 'eth/69' },
} as const satisfies { [Type in PeerLinkEvent['type']]: PeerLinkEvent & { readonly type: Type } };

export type PeerRun = ReturnType<typeof runPeer>;

/** `handlers.report(…, index)` speaks for the protocol of that index; `journal` is the order in which things happened. */
export function runPeer(protocols: readonly string[] = ['eth/69', 'snap/1']) {
  const journal: string[] = [];
  const link = new FakeActor<LinkCommand, PeerLinkEvent, Link>(({ type }) => journal.push(type));
  const handlers = new FakeActor<EventObject, HandlerEvent, ProtocolRun>();
  const runs = protocols.map((protocol) => ({ protocol, run: async () => {} }));
  const machine = peerMachine.provide({
    actors: {
      link: link.logic,
      protocol: protocolMachine.provide({ actors: { handler: handlers.logic } }),
    },
  });
  const run = runMachine(machine, { connectionId: '7', link: UNUSED_LINK, runs }, ({ type }) =>
    journal.push(`${type} with ${handlers.live} handlers`),
  );
  return { ...run, link, handlers, runs, journal };
}

/** A peer without protocols, which ends as soon as its link does, in a state where it waits. */
export function runPeerTo(state: 'running.resting' | 'running.awaitingPong'): PeerRun {
  const run = runPeer([]);
  if (state === 'running.awaitingPong') run.clock.advance(PING_INTERVAL_MS);
  return run;
}
