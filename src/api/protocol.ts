/** What a user of the server implements for a subprotocol. */
import type { Message, Port } from '../io/link/protocol-port.ts';
import type { Peer } from './peer.ts';

/** One version of a subprotocol. Both sides must give it the same `length`. */
export type Protocol = {
  /** 1 to 8 printable ASCII characters. */
  readonly name: string;
  readonly version: number;
  /** Number of message codes it uses, from 0. */
  readonly length: number;
  /** Longest payload either side may send, in bytes. Default 10 MiB, as go-ethereum's eth. */
  readonly maxMessageBytes?: number;
  /**
   * Runs once for each peer that shares it. The peer is disconnected when it returns or throws; `port.signal` is
   * aborted when the peer ends for another reason.
   */
  run(peer: Peer, port: Port): Promise<void>;
  /** What `server.nodeInfo()` shows for this name, such as a network id. Synchronous; the result must be JSON. */
  nodeInfo?(): unknown;
  /** What `server.peersInfo()` shows for a peer that shares it; undefined during the handshake of the protocol. */
  peerInfo?(peer: Peer): unknown;
};

export type { Message, Port };
