/** A network in memory: who listens where, and a pair of streams for each connection, which the test can break. */
import { setImmediate } from 'node:timers';
import { type EventObject, fromCallback } from 'xstate';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { type Endpoint, formatEndpoint } from '../../src/io/wire/endpoint.ts';
import { type MemoryPair, memoryPair } from './memory-stream.ts';

/** Where dials come from: near, so that no throttle is in their way. */
const NEAR: Endpoint = { host: '10.0.0.1', port: 30_301 };

/** `a` is the end of the dialling side. */
export type Connection = MemoryPair & { readonly to: Endpoint };

/** Takes the far end of a connection. */
export type Host = (stream: ByteStream) => void;

export class MemoryNetwork {
  /** Every connection that was ever made, in order. */
  readonly connections: Connection[] = [];
  readonly #hosts = new Map<string, Host>();
  readonly #dead = new Set<string>();
  readonly #resetting = new Set<string>();
  readonly #reporters = new Map<string, (event: SocketServerEvent) => void>();
  readonly #onConnection: (connection: Connection) => void;
  #dials = 0;
  #lastPort = 30_302;

  /** @param onConnection Gets each one before anybody has its ends. */
  constructor(onConnection: (connection: Connection) => void = () => {}) {
    this.#onConnection = onConnection;
  }

  /** Attempts so far, those that were refused as well. */
  get dials(): number {
    return this.#dials;
  }

  /** From now on, dials to `endpoint` are connected to `host`. */
  attach(endpoint: Endpoint, host: Host): void {
    this.#hosts.set(formatEndpoint(endpoint), host);
  }

  /** Removes the host. */
  detach(endpoint: Endpoint): void {
    this.#hosts.delete(formatEndpoint(endpoint));
  }

  /** Dials to it are not answered, as by a firewall that drops. */
  silence(endpoint: Endpoint): void {
    this.#dead.add(formatEndpoint(endpoint));
  }

  /** Connections with it are cut before anybody has seen them. */
  reset(endpoint: Endpoint): void {
    this.#resetting.add(formatEndpoint(endpoint));
  }

  /** Makes the listening socket report an event, such as a failed accept. */
  report(endpoint: Endpoint, event: SocketServerEvent): void {
    this.#reporters.get(formatEndpoint(endpoint))?.(event);
  }

  /** Null when nothing listens there. */
  connect(to: Endpoint, from = NEAR): Connection | null {
    this.#dials += 1;
    const host = this.#hosts.get(formatEndpoint(to));
    if (!host) return null;
    const connection = Object.assign(memoryPair({ from, to }), { to });
    this.connections.push(connection);
    this.#onConnection(connection);
    host(connection.b);
    return connection;
  }

  /** For the ports of a server. Closed, as the system does it, once the last accepted socket is gone. */
  readonly listener = fromCallback<SocketServerCommand, Endpoint>(
    ({ input, sendBack, receive }) => {
      const report = (event: SocketServerEvent): void => sendBack(event);
      const address = { ...input, port: input.port || ++this.#lastPort };
      const place = formatEndpoint(address);
      const open = new Set<ByteStream>();
      let isListening = false;

      const closeIfDone = (): void => {
        if (!isListening && open.size === 0) report({ type: 'socket.closed' });
      };
      const onBind = setImmediate(() => {
        if (this.#hosts.has(place))
          return report({ type: 'bind.failed', message: `EADDRINUSE: ${place}` });
        isListening = true;
        this.#reporters.set(place, report);
        this.attach(address, (stream) => {
          open.add(stream);
          stream.duplex.once('close', () => {
            open.delete(stream);
            closeIfDone();
          });
          report({ type: 'socket.accepted', stream });
        });
        report({ type: 'socket.bound', address });
      });
      const close = (): void => {
        clearImmediate(onBind);
        if (!isListening) return;
        isListening = false;
        this.#hosts.delete(place);
      };

      receive((command) => {
        if (command.type === 'turn.away') return command.stream.destroy();
        close();
        setImmediate(closeIfDone);
      });
      return close;
    },
  );

  /** For the ports of a server. A connection that comes after its dial was cancelled is destroyed. */
  readonly dialer = fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
    const report = (event: DialerEvent): void => sendBack(event);
    if (this.#dead.has(formatEndpoint(input))) {
      this.#dials += 1;
      return;
    }
    const attempt = setImmediate(() => {
      if (this.#resetting.has(formatEndpoint(input)))
        return report({ type: 'connect.lost', detail: 'ECONNRESET' });
      const connection = this.connect(input);
      if (connection) report({ type: 'socket.connected', stream: connection.a });
      else report({ type: 'connect.refused', detail: `ECONNREFUSED ${formatEndpoint(input)}` });
    });
    return () => clearImmediate(attempt);
  });
}
