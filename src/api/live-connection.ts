/** A dial, a connection in setup or a peer as it is at one moment; and one change of its state. */
import type { Endpoint } from '../io/wire/endpoint.ts';
import type { Direction } from '../machines/connection/connection.ts';

export type LiveConnection = {
  /** The chart that decides about it: see `docs/statecharts`. One dial makes an actor of each, one after the other. */
  readonly chart: 'dial-task' | 'connection-setup' | 'peer';
  /** The connection id, in setup and as a peer; of a dial, the node id. Unique within its chart. */
  readonly id: string;
  /** 64 hex digits; null while an inbound connection has not proven who it is. */
  readonly nodeId: string | null;
  /** The address and port of the other side; a dial may have a host name. */
  readonly remote: Endpoint;
  readonly direction: Direction;
  /** The client name of their Hello, cut to 256 bytes and not printable as it is; null before Hello. */
  readonly client: string | null;
  /** Such as `encHandshake.awaitingAck`; parallel regions are joined by `+`. */
  readonly state: string;
  /** Time in this state up to now, in whole ms of the server's clock. */
  readonly inStateMs: number;
};

export type ConnectionStateChange = LiveConnection & {
  /** The state before; null for the first state. */
  readonly previous: string | null;
  /** Whether this is the last state: the connection is not in `connections()` any more. */
  readonly isLast: boolean;
};
