/** From an event of the server to an `Ending` for frames and recordings. It decides nothing. */

import type { ServerEvent } from '../../api/server-events.ts';
import { printableFacts } from '../../explain/printable-facts.ts';
import type { Ending } from '../protocol.ts';
import { clientOf, remoteOf } from './projection.ts';

/** The recorder or the recording adds the time. */
export type TimelessEnding = Omit<Ending, 'at'>;

/** Longest text among the facts, in UTF-16 units. */
const MAX_FACT_CHARS = 256;

/** Null for events that end nothing. */
export function endingOf(event: ServerEvent): TimelessEnding | null {
  switch (event.type) {
    case 'drop': {
      const { type, peer, connectionId, state, facts, ms, bytesIn, bytesOut, explanation } = event;
      return {
        type,
        connection: connectionId,
        actor: `peer:${connectionId}`,
        direction: peer.direction,
        remote: remoteOf(peer.remote),
        id: peer.id,
        client: clientOf(peer.client),
        state,
        facts: printableFacts(facts, MAX_FACT_CHARS),
        ms,
        bytesIn,
        bytesOut,
        explanation,
      };
    }
    case 'ended': {
      const { type, connectionId, direction, remote, identity, state, facts } = event;
      const { ms, bytesIn, bytesOut, explanation } = event;
      return {
        type,
        connection: connectionId,
        actor: `connection-setup:${connectionId}`,
        direction,
        remote: remoteOf(remote),
        id: identity.id ?? '',
        client: clientOf(identity.hello?.client ?? ''),
        state,
        facts: printableFacts(facts, MAX_FACT_CHARS),
        ms,
        bytesIn,
        bytesOut,
        explanation,
      };
    }
    case 'dialFailed': {
      const { type, target, address, state, detail, explanation } = event;
      return {
        type,
        connection: null,
        actor: `dial-task:${target.id.slice(0, 8)}`,
        direction: null,
        remote: remoteOf(address),
        id: target.id,
        client: '',
        state,
        facts: printableFacts(detail === '' ? {} : { detail }, MAX_FACT_CHARS),
        ms: 0,
        bytesIn: 0,
        bytesOut: 0,
        explanation,
      };
    }
    case 'add':
    case 'turnedAway':
    case 'msgrecv':
    case 'msgsend':
    case 'lost':
    case 'restored':
    case 'heldBack':
      return null;
  }
}
