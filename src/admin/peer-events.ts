/**
 * The subscription `peerEvents`: peers that were added and dropped, and with the option `messageEvents` each message.
 * Source: go-ethereum p2p/peer.go, PeerEvent.
 */
import type { Peer } from '../api/peer.ts';
import type { MessageEvent } from '../api/server-events.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import type { ObservedServer } from '../server/observation.ts';
import type { RpcSubscription } from './rpc-service.ts';

/** Absent fields are those that do not belong to the type. */
export type PeerEvent = {
  readonly type: 'add' | 'drop' | 'msgsend' | 'msgrecv';
  /** Node id: 64 hex digits. */
  readonly peer: string;
  /** Why it was dropped, in one sentence of ours. */
  readonly error?: string;
  /** Name without version. */
  readonly protocol?: string;
  /** Within the protocol, from 0. */
  readonly msg_code?: number;
  /** In bytes, uncompressed. */
  readonly msg_size?: number;
  readonly local: string;
  readonly remote: string;
};

export const peerEvents =
  (server: Pick<ObservedServer, 'on'>): RpcSubscription =>
  (notify: (event: PeerEvent) => void) => {
    const ends = [
      server.on('add', ({ peer }) => notify({ type: 'add', ...whoIs(peer) })),
      server.on('drop', ({ peer, explanation }) =>
        notify({ type: 'drop', ...whoIs(peer), error: explanation.verdict }),
      ),
      server.on('msgsend', (message) => notify(messageEvent('msgsend', message))),
      server.on('msgrecv', (message) => notify(messageEvent('msgrecv', message))),
    ];
    return () => {
      for (const end of ends) end();
    };
  };

const messageEvent = (
  type: 'msgsend' | 'msgrecv',
  { peer, protocol, code, size }: MessageEvent,
): PeerEvent => ({
  type,
  ...whoIs(peer),
  protocol: protocol.slice(0, protocol.lastIndexOf('/')),
  msg_code: code,
  msg_size: size,
});

const whoIs = ({ id, local, remote }: Peer) => ({
  peer: id,
  local: formatEndpoint(local),
  remote: formatEndpoint(remote),
});
