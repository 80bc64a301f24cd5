/** TCP between the hosts of a simulated world: listeners, dialers, and the open connections. */
import { type EventObject, fromCallback } from 'xstate';
import type { Ports } from '../../api/options.ts';
import type { DialerEvent } from '../../io/adapters/tcp-dialer.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../io/adapters/tcp-listener.ts';
import type { ByteStream } from '../../io/link/byte-stream.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';
import type { Host, Internet } from './internet.ts';
import { MemoryConnection } from './memory-connection.ts';
import type { PathConditions } from './network-path.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The first ephemeral port. Source: RFC 6335, section 6. */
const FIRST_FREE_PORT = 49_152;

export type TcpHooks = {
  /** Called with each connection before either end is handed out. */
  readonly onConnection?: (connection: TcpConnection) => void;
  /** Called with every chunk that is delivered; null for a FIN. */
  readonly onDelivered?: (label: string, piece: Uint8Array | null) => void;
};

/** `from` dialled `to`; `number` counts the connections from 1. */
export type TcpConnection = MemoryConnection & {
  readonly from: Host;
  readonly to: Host;
  readonly number: number;
};

type Socket = {
  readonly host: Host;
  readonly report: (event: SocketServerEvent) => void;
  readonly accept: (stream: ByteStream) => void;
};

export class MemoryTcp {
  /** Connections with at least one open end. */
  readonly connections = new Set<TcpConnection>();
  readonly #internet: Internet;
  readonly #random: SeededRandom;
  readonly #hooks: TcpHooks;
  readonly #sockets = new Map<string, Socket>();
  #count = 0;
  #lastPort = FIRST_FREE_PORT - 1;

  constructor(internet: Internet, random: SeededRandom, hooks: TcpHooks = {}) {
    this.#internet = internet;
    this.#random = random;
    this.#hooks = hooks;
  }

  /** Endpoints with a listener. */
  get listening(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Makes the listener at `place` report an event, such as a failed accept. */
  report(place: Endpoint, event: SocketServerEvent): void {
    this.#sockets.get(formatEndpoint(place))?.report(event);
  }

  /** Ports for a server on this host, in place of real sockets. */
  portsOf(host: Host): Pick<Ports, 'listener' | 'dialer'> {
    return { listener: this.#listenerOf(host), dialer: this.#dialerOf(host) };
  }

  /**
   * Opens a connection without a server, for tests that drive the remote side. @returns Cancels the dial.
   */
  dial(from: Host, to: Endpoint, report: (event: DialerEvent) => void): () => void {
    let cancel = this.#internet.deliver(from.address, from.address, () => {
      if (this.#internet.isUnreachable(to.host))
        return report({
          type: 'connect.unreachable',
          detail: `EHOSTUNREACH ${formatEndpoint(to)}`,
        });
      const host = this.#internet.find(to.host, from);
      if (!host) return; // an unused address does not answer
      cancel = this.#internet.deliver(from.address, host.address, () => {
        const answer = this.#sockets.has(formatEndpoint(to))
          ? () => report({ type: 'socket.connected', stream: this.#connect(from, host, to) })
          : () => report({ type: 'connect.refused', detail: `ECONNREFUSED ${formatEndpoint(to)}` });
        cancel = this.#internet.deliver(host.address, from.address, answer);
      });
    });
    return () => cancel();
  }

  /**
   * Listens without a server, for tests that a server dials. The caller owns the accepted streams.
   * @returns Stops listening. @throws {TypeError} The endpoint has a listener.
   */
  listen(host: Host, port: number, accept: (stream: ByteStream) => void): () => void {
    const place = formatEndpoint({ host: host.address, port });
    if (this.#sockets.has(place)) throw new TypeError(`${place} already has a listener`);
    const report: Socket['report'] = () => {};
    this.#sockets.set(place, { host, report, accept });
    return () => {
      if (this.#isCurrent(place, report)) this.#sockets.delete(place);
    };
  }

  /** The dialer has its end now, the listener gets its own one latency later. */
  #connect(from: Host, to: Host, place: Endpoint): ByteStream {
    const connection = this.#create(from, to, place);
    this.#internet.deliver(from.address, to.address, () => {
      const socket = this.#sockets.get(formatEndpoint(place));
      if (socket) socket.accept(connection.b);
      else connection.b.destroy(); // the listener closed meanwhile
    });
    return connection.a;
  }

  #create(from: Host, to: Host, place: Endpoint): TcpConnection {
    this.#count += 1;
    const number = this.#count;
    const local = { host: from.address, port: this.#freePort() };
    const isTranslated = from.nat !== null && from.nat !== to.nat;
    const seen = isTranslated ? { host: from.nat.address, port: from.nat.tcpPort() } : local;
    const connection: TcpConnection = Object.assign(
      new MemoryConnection(
        { a: { local, remote: place }, b: { local: place, remote: seen } },
        {
          aToB: this.#conditions(from, to, `${number}>`),
          bToA: this.#conditions(to, from, `${number}<`),
        },
        () => this.connections.delete(connection),
      ),
      { from, to, number },
    );
    this.connections.add(connection);
    this.#hooks.onConnection?.(connection);
    return connection;
  }

  #conditions(from: Host, to: Host, label: string): PathConditions {
    const internet = this.#internet;
    const [a, b] = [from.address, to.address];
    return {
      clock: internet.clock,
      delayMs: () => internet.delayOf(a, b) + internet.retransmissionOf(a, b),
      bytesPerSecond: () => internet.between(a, b).bytesPerSecond,
      bufferBytes: () => internet.between(a, b).bufferBytes,
      pieceBytes: () => {
        const { pieceBytes } = internet.between(a, b);
        return pieceBytes > 0 ? this.#random.between(1, pieceBytes) : Number.POSITIVE_INFINITY;
      },
      isCut: () => internet.isCut(a, b),
      afterPartition: (run) => internet.afterPartition(run),
      onDelivered: (piece) => this.#hooks.onDelivered?.(label, piece),
    };
  }

  /** Reports `socket.closed` after the last accepted socket has closed, as node:net does. */
  #listenerOf(host: Host) {
    return fromCallback<SocketServerCommand, Endpoint>(({ input, sendBack, receive }) => {
      const report = (event: SocketServerEvent): void => sendBack(event);
      const address = { host: host.address, port: input.port || this.#freePort() };
      const place = formatEndpoint(address);
      const open = new Set<ByteStream>();
      let isClosed = false;

      const closeIfDone = (): void => {
        if (!this.#isCurrent(place, report) && open.size === 0) report({ type: 'socket.closed' });
      };
      const accept = (stream: ByteStream): void => {
        if (stream.duplex.destroyed) return;
        open.add(stream);
        stream.duplex.once('close', () => {
          open.delete(stream);
          closeIfDone();
        });
        report({ type: 'socket.accepted', stream });
      };
      const close = (): void => {
        isClosed = true;
        if (this.#isCurrent(place, report)) this.#sockets.delete(place);
      };
      queueMicrotask(() => {
        if (isClosed) return;
        if (this.#sockets.has(place))
          return report({ type: 'bind.failed', message: `EADDRINUSE: ${place}` });
        this.#sockets.set(place, { host, report, accept });
        report({ type: 'socket.bound', address });
      });
      receive((command) => {
        if (command.type === 'turn.away') return command.stream.destroy();
        close();
        queueMicrotask(closeIfDone);
      });
      return close;
    });
  }

  /** Stopping the actor cancels the dial. */
  #dialerOf(host: Host) {
    return fromCallback<EventObject, Endpoint>(({ input, sendBack }) =>
      this.dial(host, input, (event) => sendBack(event)),
    );
  }

  #isCurrent(place: string, report: Socket['report']): boolean {
    return this.#sockets.get(place)?.report === report;
  }

  #freePort(): number {
    this.#lastPort = this.#lastPort >= 65_535 ? FIRST_FREE_PORT : this.#lastPort + 1;
    return this.#lastPort;
  }
}
