/** One UDP socket as discovery uses it: the real one is in `udp-socket.ts`, the simulated one in `testing/world`. */
import type { Endpoint } from '../wire/endpoint.ts';

export type Datagram = {
  readonly bytes: Uint8Array;
  /** Source address, after NAT: answers go there. */
  readonly from: Endpoint;
};

export type DatagramSocket = {
  readonly local: Endpoint;
  /** Never throws: a datagram that cannot be sent is dropped. */
  send(bytes: Uint8Array, to: Endpoint): void;
  /** A second call does nothing. */
  close(): void;
};

export type DatagramHooks = {
  readonly onDatagram: (datagram: Datagram) => void;
  /** The socket broke. It is bound again after `retryInMs`, or never when that is null; until then datagrams are dropped. */
  readonly onLost: (message: string, retryInMs: number | null) => void;
  /** The socket is bound again, at the same address. */
  readonly onRestored: () => void;
  /** A datagram was not sent. */
  readonly onUnsent?: () => void;
};

/** Rejects when the address cannot be bound. Port 0 takes a free one. */
export type BindDatagrams = (address: Endpoint, hooks: DatagramHooks) => Promise<DatagramSocket>;
