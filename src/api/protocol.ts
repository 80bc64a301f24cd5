/** What a user of the server implements for a subprotocol. */

import type { RecordAttributes } from '../io/crypto/local-record.ts';
import type { NodeLike } from '../io/crypto/node.ts';
import type { Message, Port } from '../io/link/protocol-port.ts';
import type { Peer } from './peer.ts';
import type { ProtocolTools } from './protocol-tools.ts';

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
   * aborted when the peer ends for another reason. `tools` has the clock of the server and starts charts.
   */
  run(peer: Peer, port: Port, tools: ProtocolTools): Promise<void>;
  /**
   * Entries for our node record, by key: bytes, a number, or a list of them, which are encoded as RLP. Of several
   * protocols with the same key the last one counts, as in go-ethereum. The whole record has 300 bytes at most.
   */
  readonly attributes?: RecordAttributes;
  /**
   * Nodes that speak it, to try once each: enode URLs, node records or nodes. Read like the option `candidates`, and mixed
   * with it; of several versions of a protocol, the first one given counts.
   */
  readonly dialCandidates?: AsyncIterable<NodeLike>;
  /** Called when the server runs. What it throws, or its promise rejects with, is logged. */
  onServerStart?(): unknown;
  /** Called once the server has stopped, if it ran: every `run` has ended or was given up. `stop()` does not wait for its promise. */
  onServerStop?(): unknown;
  /** What `server.nodeInfo()` shows for this name, such as a network id. Synchronous; the result must be JSON. */
  nodeInfo?(): unknown;
  /** What `server.peersInfo()` shows for a peer that shares it; undefined during the handshake of the protocol. */
  peerInfo?(peer: Peer): unknown;
};

export type { Message, Port };
