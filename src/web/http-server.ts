/**
 * An HTTP server for this machine: limits on time, size and number of connections, the guard before every request, and
 * a close that always completes. It knows no routes.
 * Limits: ours; Node's own are 60 s for headers and 300 s for a request.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../io/process/clock.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { allowedHosts, type Denial, denialOf, type GuardRules, SECURITY_HEADERS } from './guard.ts';

export type HttpLimits = {
  /** For the headers of a request, in ms. */
  readonly headersTimeout: number;
  /** For a whole request, in ms. Answers have no time limit. */
  readonly requestTimeout: number;
  /** How often these two are checked, in ms. */
  readonly connectionsCheckingInterval: number;
  /** For a connection without traffic, in ms: more than twice the keep-alive interval of a stream. */
  readonly idleTimeout: number;
  /** Connections at once; further ones are closed when they are accepted. */
  readonly maxConnections: number;
  /** Headers of a request, in bytes. */
  readonly maxHeaderSize: number;
};

export const HTTP_LIMITS: HttpLimits = Object.freeze({
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  idleTimeout: 35_000,
  maxConnections: 64,
  maxHeaderSize: 16 * 1024,
});

/** Time for unfinished answers when the server closes, in ms. */
export const CLOSE_TIMEOUT_MS = 500;

export type HttpServerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Returns the handler of requests that pass the guard. It answers all of them and never throws. */
  readonly listenerAt: (at: Endpoint) => RequestListener;
  /** Host names that browsers may use, besides those of loopback. */
  readonly hostNames: readonly string[];
  /** Whether a POST may go to this path, which is as received. Without it, there are only GET and HEAD. */
  readonly mayPost?: (url: string) => boolean;
  /** Takes connections that pass the guard and ask for another protocol, and closes them. Without it, they get HTTP. */
  readonly onUpgrade?: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly limits: HttpLimits;
  readonly clock: Clock;
};

export type HttpServer = {
  /** Where it listens. */
  readonly at: Endpoint;
  /** Lets answers end that are on their way, for `CLOSE_TIMEOUT_MS`; resolves when no connection is left. */
  close(): Promise<void>;
};

/** Does not keep the process running. Rejects with the system error. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, hostNames, listenerAt, clock, mayPost = () => false, onUpgrade } = options;
  const { idleTimeout, maxConnections, ...limits } = options.limits;
  const server = createServer(limits);
  server.maxConnections = maxConnections;
  server.timeout = idleTimeout;
  server.on('connection', (socket) => socket.unref());
  server.listen(port, host).unref();
  await once(server, 'listening');
  server.on('error', () => {}); // of one accept, such as too many open files: the next one may succeed
  const at = server.address() as AddressInfo;
  const where = { host: at.address, port: at.port };
  const rules = { hosts: allowedHosts(at.port, hostNames), mayPost };
  server.on('request', withGuard(listenerAt(where), rules));
  if (onUpgrade)
    server.on('upgrade', (incoming, socket, head) => {
      socket.on('error', () => {});
      const refusal = denialOf(incoming, rules);
      if (refusal) socket.end(refusalText(refusal), () => socket.destroy());
      else onUpgrade(incoming, socket, head);
    });
  return {
    at: where,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      const timer = clock.setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
      await closed;
      clock.clearTimeout(timer);
    },
  };
}

/** A whole response, for a connection that has left HTTP. */
export const refusalText = ({
  status,
  text,
}: Omit<Denial, 'status'> & { readonly status: number }): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text) + 1}`,
    'Connection: close',
    '',
    `${text}\n`,
  ].join('\r\n');

const withGuard =
  (onRequest: RequestListener, rules: GuardRules): RequestListener =>
  (incoming, outgoing) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
    const refusal = denialOf(incoming, rules);
    if (!refusal) return onRequest(incoming, outgoing);
    const { status, text } = refusal;
    const type = { 'Content-Type': 'text/plain; charset=utf-8' };
    outgoing.writeHead(status, { ...type, Connection: 'close' }); // its body was not read
    outgoing.end(`${text}\n`);
  };
