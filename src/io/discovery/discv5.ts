/**
 * Node Discovery v5 on one socket: answers what others ask inside a session, and asks for others. Which nodes are known,
 * asked or kept is decided elsewhere; the life of a session by the chart `discv5-session`.
 * Source: devp2p/discv5; go-ethereum p2p/discover/v5_udp.go.
 */
import type { Node } from '../crypto/node.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import type { BindDatagrams, Datagram, DatagramHooks, DatagramSocket } from './datagram-socket.ts';
import type { Discv5Options } from './discv5-options.ts';
import type { SessionTarget } from './discv5-sessions.ts';
import type { NodesResult, PingResult, RecordResult, TalkResult } from './request-results.ts';
import type { TalkHandler } from './talk-handlers.ts';

const todo = (): never => {
  throw new Error('not there yet');
};

export type Discv5Stats = {
  readonly receivedDatagrams: number;
  readonly receivedBytes: number;
  readonly sentDatagrams: number;
  readonly sentBytes: number;
  readonly unsent: number;
  /** Sessions with keys, and handshakes under way. */
  readonly sessions: number;
  readonly handshakes: number;
  /** Requests that wait for an answer, or for their turn. */
  readonly requests: number;
  /** Sources of which budgets are kept. */
  readonly sources: number;
  /** Datagrams that led to nothing, by reason. Reasons that did not occur are absent. */
  readonly refused: Readonly<Record<string, number>>;
};

export class Discv5 {
  /** The owner of the socket calls {@link receive}; {@link bind} does both. */
  constructor(_socket: DatagramSocket, _options: Discv5Options) {}

  /** Rejects when the address cannot be bound. */
  static async bind(
    _address: Endpoint,
    _bind: BindDatagrams,
    _hooks: Pick<DatagramHooks, 'onLost' | 'onRestored'>,
    _options: Discv5Options,
  ): Promise<Discv5> {
    return todo();
  }

  get local(): Endpoint {
    return todo();
  }

  /** Never throws. @returns False when the datagram is no packet of this protocol for us. */
  receive(_datagram: Datagram): boolean {
    return todo();
  }

  /** The socket dropped a datagram of ours. */
  noteUnsent(): void {}

  /**
   * @param node With a key, an IP address and a UDP port; a record is not needed.
   * @param done Called once, perhaps before this returns; not after the cancel.
   * @returns Cancels.
   */
  ping(_node: Node, _done: (result: PingResult) => void): () => void {
    return todo();
  }

  /** As {@link ping}. @param distances Log distances from the node, 0 to 256; 0 is the node itself. */
  findNode(
    _node: Node,
    _distances: readonly number[],
    _done: (result: NodesResult) => void,
  ): () => void {
    return todo();
  }

  /** As {@link ping}: asks for the record of the node itself. */
  requestRecord(_node: Node, _done: (result: RecordResult) => void): () => void {
    return todo();
  }

  /** As {@link ping}. */
  talk(
    _node: Node,
    _protocol: string,
    _payload: Uint8Array,
    _done: (result: TalkResult) => void,
  ): () => void {
    return todo();
  }

  /**
   * Answers the TALKREQs of a protocol; a handler that was there before is replaced.
   *
   * @returns Removes the handler.
   */
  handleTalk(_protocol: string, _handler: TalkHandler): () => void {
    return todo();
  }

  /** For the adapter `discv5Handshake`. */
  sessionOf(_target: SessionTarget): unknown {
    return todo();
  }

  stats(): Discv5Stats {
    return todo();
  }

  /** Closes the socket and ends all requests as refused. A second call does nothing. */
  close(): void {}
}
