/** What a user of the server implements to speak a subprotocol. */
import type { Message, Port } from '../io/link/protocol-port.ts';
import type { Peer } from './peer.ts';

/** One version of a subprotocol. Both sides must give it the same `length`. */
export type Protocol = {
  /** 1 to 8 printable ASCII characters. */
  readonly name: string;
  readonly version: number;
  /** How many message codes it uses. */
  readonly length: number;
  /** Longest payload either side may send, in bytes. Default 10 MiB, as go-ethereum's eth. */
  readonly maxMessageBytes?: number;
  /**
   * Runs once per peer that speaks it. The peer is disconnected when it returns or throws;
   * `port.signal` says when the peer is gone for another reason.
   */
  run(peer: Peer, port: Port): Promise<void>;
  /** What `server.nodeInfo()` shows for this name, such as a network id. At once, and fit for JSON. */
  nodeInfo?(): unknown;
  /** What `server.peersInfo()` shows of a peer that speaks it; nothing yet while they still introduce themselves. */
  peerInfo?(peer: Peer): unknown;
};

export type { Message, Port };
