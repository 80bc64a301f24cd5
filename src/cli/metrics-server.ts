/** `run --metrics-port`: the metrics of a server as Prometheus reads them, for this machine only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MetricsRegistry } from '../api/options.ts';
import type { Server } from '../server.ts';
import { CommandError } from './error.ts';

const HOST = '127.0.0.1';
const PATH = '/metrics';

/**
 * Opens it for a started server, which closes it when it stops, and which is stopped when it cannot listen. Limits on
 * time, size and connections are those of the inspector.
 * @returns Its URL. @throws {CommandError} It cannot listen.
 */
export async function openMetricsServer(server: Server, port: number): Promise<string> {
  const { HTTP_LIMITS, openHttpServer } = await import('../web/http-server.ts');
  const listenerAt = () => (request: IncomingMessage, response: ServerResponse) =>
    void answer(server.metrics, request, response);
  const options = { host: HOST, port, hostNames: [], limits: HTTP_LIMITS, listenerAt };
  try {
    const { at } = await server.attach(async ({ clock }) => {
      const http = await openHttpServer({ ...options, clock });
      return { at: http.at, [Symbol.asyncDispose]: () => http.close() };
    });
    return `http://${HOST}:${at.port}${PATH}`;
  } catch (error) {
    await server.stop();
    throw new CommandError(`the metrics server: ${(error as Error).message}`, { cause: error });
  }
}

async function answer(
  metrics: MetricsRegistry,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isKnown = url?.split('?')[0] === PATH;
  if (!isKnown || (method !== 'GET' && method !== 'HEAD')) {
    response.writeHead(isKnown ? 405 : 404, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(isKnown ? 'use GET\n' : `the metrics are at ${PATH}\n`);
    return;
  }
  try {
    const text = await metrics.metrics();
    response.writeHead(200, { 'Content-Type': metrics.contentType });
    response.end(text);
  } catch {
    response.writeHead(500).end(); // a metric that the user added to the registry failed
  }
}
