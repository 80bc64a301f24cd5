/**
 * The admin API over HTTP and WebSocket, on loopback, with the guard of `web`: a page of another origin cannot use it.
 * Both are on one port when they are asked for on the same.
 * Source: go-ethereum rpc/http.go and rpc/websocket.go.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../io/process/clock.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { HTTP_LIMITS, openHttpServer, refusalText } from '../web/http-server.ts';
import { readBody } from '../web/request-body.ts';
import { errorText, type RpcError } from './json-rpc.ts';
import { checkedText, MAX_REQUEST_BYTES } from './json-splitter.ts';
import { MAX_UNREAD_BYTES, type RpcStream } from './rpc-connection.ts';
import type { RpcService } from './rpc-service.ts';

/** The only path. */
const PATH = '/';

export type WebEndpointOptions = Endpoint & {
  /** Null: no HTTP. */
  readonly http: RpcService | null;
  /** Called with each client of WebSocket; null: no WebSocket. */
  readonly serve: ((stream: RpcStream) => void) | null;
  readonly clock: Clock;
};

export type WebEndpoint = { readonly at: Endpoint; close(): Promise<void> };

/** Rejects with the system error when it cannot listen. */
export async function openWebEndpoint(options: WebEndpointOptions): Promise<WebEndpoint> {
  const { host, port, http, serve, clock } = options;
  const sockets = new WebSocketServer({
    ...{ noServer: true, autoPong: false, maxPayload: MAX_REQUEST_BYTES },
  });
  let isClosing = false;
  const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (isClosing) socket.destroy();
    else if (incoming.url !== PATH) socket.end(refusalText(NOT_HERE), () => socket.destroy());
    else sockets.handleUpgrade(incoming, socket, head, (client) => serve!(streamOf(client)));
  };
  const server = await openHttpServer({
    ...{ host, port, clock, hostNames: [], limits: HTTP_LIMITS },
    mayPost: (url) => http !== null && url === PATH,
    listenerAt: () => (incoming, outgoing) => void answer(http, incoming, outgoing),
    ...(serve && { onUpgrade }),
  });
  return {
    at: server.at,
    close: async () => {
      isClosing = true;
      for (const client of sockets.clients) client.terminate(); // the HTTP server waits for them
      await server.close();
    },
  };
}

const NOT_HERE = { status: 404, text: `the admin API is at ${PATH}` };

function streamOf(client: WebSocket): RpcStream {
  client.on('ping', (data) => {
    if (client.bufferedAmount < MAX_UNREAD_BYTES) client.pong(data); // a client that does not read gets none
  });
  const stream = createWebSocketStream(client, { readableObjectMode: true, decodeStrings: false });
  return { stream, texts: textsOf(stream), separator: '' };
}

async function* textsOf(stream: Duplex): AsyncGenerator<string> {
  // the answer to what cannot be read is written after this has ended
  for await (const message of stream.iterator({ destroyOnReturn: false }))
    yield checkedText(Buffer.from(message as string | Buffer));
}

/** Never rejects. */
async function answer(
  service: RpcService | null,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (incoming.method !== 'POST') {
    const isHere = service !== null && incoming.url === PATH;
    outgoing.writeHead(isHere ? 405 : 404, { 'Content-Type': 'text/plain; charset=utf-8' });
    outgoing.end(isHere ? 'POST JSON-RPC here\n' : `${NOT_HERE.text}\n`);
    return;
  }
  const body = await readBody(incoming, MAX_REQUEST_BYTES).catch(() => 'cut off' as const);
  if (body === 'cut off') return void outgoing.destroy(); // no client is left to read it
  if (body === null) {
    outgoing.writeHead(413, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
    outgoing.end(`at most ${MAX_REQUEST_BYTES} bytes\n`); // the rest of the body is still arriving
    return;
  }
  outgoing.writeHead(200, { 'Content-Type': 'application/json' });
  outgoing.end(await answerTo(service!, body));
}

async function answerTo(service: RpcService, body: Buffer): Promise<string> {
  try {
    return (await service.answer(checkedText(body), null)).text ?? '';
  } catch (error) {
    return errorText(null, error as RpcError); // `checkedText` throws nothing else
  }
}
