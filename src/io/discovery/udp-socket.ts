/**
 * UDP sockets of the operating system. One that breaks is replaced at the same address, after a pause that grows, and no
 * datagram and no address makes `send` throw. What datagrams mean is left to others.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP } from 'node:net';

import type { Clock } from '../process/clock.ts';
import { bindableHost } from '../process/every-address.ts';
import { thrownText } from '../process/thrown.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { plainHost } from '../wire/ip-address.ts';
import type { BindDatagrams, DatagramHooks, DatagramSocket } from './datagram-socket.ts';

/** Pause before the first attempt to replace a socket, in ms; it doubles. Source: security limits. */
export const FIRST_RETRY_MS = 1_000;

/** Longest pause, in ms. A socket that lived longer than that starts again with the shortest one. */
export const MAX_RETRY_MS = 60_000;

/** Bytes that the system has not taken yet; further datagrams are dropped. Ours: some 200 of the largest. */
const MAX_UNSENT_BYTES = 256 * 1024;

const MAX_PORT = 65_535;

export type UdpOptions = {
  readonly clock: Clock;
  /** Replaced by tests. */
  readonly create?: typeof createSocket;
};

/** Binds sockets of the operating system. A socket on `::` serves IPv4 too. */
export const udpBinder =
  ({ clock, create = createSocket }: UdpOptions): BindDatagrams =>
  (address, hooks) =>
    new Promise((resolve, reject) => {
      const { host, port } = address;
      const local = { host: bindableHost(host), port };
      const socket = new UdpSocket(local, hooks, clock, create);
      socket.bind(
        () => resolve(socket),
        (error) => {
          socket.close();
          reject(error);
        },
      );
    });

class UdpSocket implements DatagramSocket {
  readonly #hooks: DatagramHooks;
  readonly #clock: Clock;
  readonly #create: typeof createSocket;
  readonly #isIpv6: boolean;
  #local: Endpoint;
  /** Null while it is replaced, and after `close`. */
  #socket: Socket | null = null;
  #boundAt = 0;
  #retryMs = FIRST_RETRY_MS;
  #timer: unknown = null;
  #isClosed = false;

  constructor(address: Endpoint, hooks: DatagramHooks, clock: Clock, create: typeof createSocket) {
    this.#local = address;
    this.#hooks = hooks;
    this.#clock = clock;
    this.#create = create;
    this.#isIpv6 = address.host.includes(':');
  }

  get local(): Endpoint {
    return this.#local;
  }

  /** Calls one of the two, once. */
  bind(onBound: () => void, onFailed: (error: Error) => void): void {
    const socket = this.#create({
      type: this.#isIpv6 ? 'udp6' : 'udp4',
      lookup: (host, family, found) => found(null, host, Number(family)), // only addresses are used
    });
    let isBound = false;
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (this.#socket !== socket) return;
      this.#hooks.onDatagram({ bytes, from: { host: plainHost(from.address), port: from.port } });
    });
    socket.on('error', (error) => {
      if (!isBound) {
        isBound = true;
        closeQuietly(socket);
        onFailed(error);
      } else if (this.#socket === socket) this.#lose(error.message);
    });
    socket.once('listening', () => {
      if (isBound || this.#isClosed) return closeQuietly(socket);
      isBound = true;
      this.#socket = socket;
      this.#boundAt = this.#clock.now();
      this.#local = { host: this.#local.host, port: socket.address().port };
      onBound();
    });
    socket.bind({ address: this.#local.host, port: this.#local.port });
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    const socket = this.#socket;
    const host = this.#reachable(to);
    if (!socket || host === null || socket.getSendQueueSize() > MAX_UNSENT_BYTES)
      return this.#unsent();
    try {
      socket.send(bytes, to.port, host, (error) => {
        if (error) this.#unsent();
      });
    } catch {
      this.#unsent(); // addresses that the system refuses at once
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#socket) closeQuietly(this.#socket);
    this.#socket = null;
  }

  /** The address as this socket takes it. Null when it cannot be reached from here. */
  #reachable({ host, port }: Endpoint): string | null {
    if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) return null;
    const kind = isIP(host);
    if (kind === 4) return this.#isIpv6 ? `::ffff:${host}` : host;
    return kind === 6 && this.#isIpv6 ? host : null;
  }

  #lose(message: string): void {
    if (this.#socket) closeQuietly(this.#socket);
    this.#socket = null;
    if (this.#clock.now() - this.#boundAt > MAX_RETRY_MS) this.#retryMs = FIRST_RETRY_MS;
    this.#retryLater(message);
  }

  #retryLater(message: string): void {
    if (this.#isClosed) return;
    const ms = this.#retryMs;
    this.#retryMs = Math.min(MAX_RETRY_MS, 2 * ms);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.#retry();
    }, ms);
    this.#hooks.onLost(message, ms);
  }

  #retry(): void {
    const failed = (error: unknown): void => this.#retryLater(thrownText(error));
    try {
      this.bind(() => this.#hooks.onRestored(), failed);
    } catch (error) {
      failed(error);
    }
  }

  #unsent(): void {
    this.#hooks.onUnsent?.();
  }
}

/** A socket that never was bound throws when it is closed. */
function closeQuietly(socket: Socket): void {
  socket.removeAllListeners('message');
  try {
    socket.close();
  } catch {
    // it was closed already
  }
}
