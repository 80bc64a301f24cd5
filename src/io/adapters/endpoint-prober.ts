/** One ping to a node, and the wait for its ping, as an actor. Which of them an endpoint proof needs is decided by its chart. */
import { type EventObject, fromCallback } from 'xstate';

import type { Node } from '../crypto/node.ts';
import type { Discv4 } from '../discovery/discv4.ts';
import type { RequestRefusal } from '../discovery/request-results.ts';

/** A node at an address. */
export type ProofTarget = Pick<Node, 'id' | 'host' | 'udpPort'>;

/** Each at most once. After `ping.refused` and `ping.timedOut` no more follow. */
export type EndpointProberEvent =
  | { readonly type: 'ping.sent' }
  | { readonly type: 'ping.refused'; readonly why: RequestRefusal }
  | { readonly type: 'ping.timedOut' }
  | { readonly type: 'pong.received'; readonly rttMs: number; readonly seq: number | null }
  /** They pinged us from the same address, and were answered. */
  | { readonly type: 'theirPing.received' };

export const endpointProber = (discv4: Pick<Discv4, 'ping' | 'onPingOf'>) =>
  fromCallback<EventObject, ProofTarget>(({ input, sendBack }) => {
    const report = (event: EndpointProberEvent): void => sendBack(event);
    const endWait = discv4.onPingOf(input, () => report({ type: 'theirPing.received' }));
    if (!endWait) return report({ type: 'ping.refused', why: 'tooManyRequests' });
    let isOver = false;
    const cancel = discv4.ping(input, (result) => {
      isOver = true;
      if (result.type === 'pong')
        return report({ type: 'pong.received', rttMs: result.rttMs, seq: result.seq });
      endWait();
      if (result.type === 'timedOut') report({ type: 'ping.timedOut' });
      else report({ type: 'ping.refused', why: result.why });
    });
    if (!isOver) report({ type: 'ping.sent' });
    return () => {
      cancel();
      endWait();
    };
  });
