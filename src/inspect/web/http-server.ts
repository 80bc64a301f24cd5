/**
 * A web server that strangers can reach: how long, how large and how many, and an end that comes. It looks at each
 * request before anything is made of it, and knows no routes.
 * Limits: ours; Node's own are 60 s for headers and 300 s for a request.
 */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../io/process/clock.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { allowedHosts, denialOf, SECURITY_HEADERS } from './guard.ts';

export type HttpLimits = {
  /** For the headers of a request, in ms. */
  readonly headersTimeout: number;
  /** For a whole request, in ms. An answer may take as long as it likes. */
  readonly requestTimeout: number;
  /** How often these two are looked after, in ms. */
  readonly connectionsCheckingInterval: number;
  /** For a connection on which nothing moves, in ms: twice what a stream sends at least. */
  readonly idleTimeout: number;
  /** At once; more are closed as they come. */
  readonly maxConnections: number;
  /** Bytes of the headers of a request. */
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

/** For answers that are on their way at the end, in ms. */
export const CLOSE_TIMEOUT_MS = 500;

export type HttpServerOptions = {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Makes what is called for requests that may be made. It answers all of them, and throws nothing. */
  readonly listenerAt: (at: Endpoint) => RequestListener;
  /** Names, beside those of this machine to itself, by which browsers may call us. */
  readonly hostNames: readonly string[];
  readonly limits: HttpLimits;
  readonly clock: Clock;
};

export type HttpServer = {
  /** Where it listens. */
  readonly at: Endpoint;
  /** Lets answers end that are on their way, for `LAST_WORDS_MS`; resolves when no connection is left. */
  close(): Promise<void>;
};

/** Nobody stays awake for it. Rejects with the error of the system. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, hostNames, listenerAt, clock } = options;
  const { idleTimeout, maxConnections, ...limits } = options.limits;
  const server = createServer(limits);
  server.maxConnections = maxConnections;
  server.timeout = idleTimeout;
  server.on('connection', (socket) => socket.unref());
  server.listen(port, host).unref();
  await once(server, 'listening');
  const at = server.address() as AddressInfo;
  const where = { host: at.address, port: at.port };
  server.on('request', withGuard(listenerAt(where), allowedHosts(at.port, hostNames)));
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

const withGuard =
  (onRequest: RequestListener, hosts: ReadonlySet<string>): RequestListener =>
  (incoming, outgoing) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
    const refusal = denialOf(incoming, hosts);
    if (!refusal) return onRequest(incoming, outgoing);
    const { status, text } = refusal;
    const type = { 'Content-Type': 'text/plain; charset=utf-8' };
    outgoing.writeHead(status, { ...type, Connection: 'close' }); // its body was not read
    outgoing.end(`${text}\n`);
  };
