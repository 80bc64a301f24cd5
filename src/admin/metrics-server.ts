/** `/metrics` as Prometheus reads them, and `/healthz` for a supervisor: HTTP for this machine, unless another host is given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { phaseOf } from '../machines/server/server-phase.ts';
import type { Server } from '../server.ts';
import { HTTP_LIMITS, openHttpServer } from '../web/http-server.ts';

export type MetricsServerOptions = {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Default: 127.0.0.1. There is no password: anyone who reaches another address can read everything. */
  readonly host?: string;
};

export type MetricsServer = AsyncDisposable & {
  /** Of the metrics. */
  readonly url: string;
};

/** The body of `/healthz`, with status 200 when `ok` is true and 503 otherwise. */
type Health = {
  readonly ok: boolean;
  /** Such as `running`. */
  readonly state: string;
  readonly peers: number;
  /** Parts that failed and do not work again yet: `listener`, `discovery`, `discoveryV5`. */
  readonly lost: readonly string[];
};

const METRICS = '/metrics';
const HEALTH = '/healthz';

/**
 * Opens it for a server, which closes it when it stops. Limits on time, size and connections are those of the inspector.
 * Rejects with the system error when it cannot listen. @throws {ServerError} `stopped`.
 */
export function openMetricsServer(
  server: Server,
  { port, host = '127.0.0.1' }: MetricsServerOptions,
): Promise<MetricsServer> {
  const lost = new Set<string>();
  const listeners = [
    server.on('lost', ({ part }) => lost.add(part)),
    server.on('restored', ({ part }) => lost.delete(part)),
  ];
  const name = isIPv6(host) ? `[${host}]` : host;
  return server.attach(async ({ clock }) => {
    const http = await openHttpServer({
      ...{ host, port, hostNames: [name], limits: HTTP_LIMITS, clock },
      listenerAt: () => (request, response) => void answer(server, lost, request, response),
    });
    return {
      url: `http://${name}:${http.at.port}${METRICS}`,
      [Symbol.asyncDispose]: () => {
        for (const remove of listeners) remove();
        return http.close();
      },
    };
  });
}

/** Requests other than GET and HEAD do not come here. */
async function answer(
  server: Server,
  lost: ReadonlySet<string>,
  { url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (url?.split('?')[0]) {
    case METRICS:
      try {
        const { metrics } = server;
        const text = await metrics.metrics();
        return end(response, 200, metrics.contentType, text);
      } catch {
        return end(response, 500, TEXT, 'a metric of the registry failed\n'); // one that the user added
      }
    case HEALTH: {
      const health = healthOf(server, lost);
      return end(response, health.ok ? 200 : 503, JSON_TYPE, `${JSON.stringify(health)}\n`);
    }
    default:
      return end(response, 404, TEXT, `there are ${METRICS} and ${HEALTH}\n`);
  }
}

function healthOf({ actor, peerCount: peers }: Server, lost: ReadonlySet<string>): Health {
  const state = phaseOf(actor.getSnapshot());
  return { ok: state === 'running' && lost.size === 0, state, peers, lost: [...lost].sort() };
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(body);
}
