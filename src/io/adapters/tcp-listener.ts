/** One listening TCP socket as an actor. The listener machine decides which connections are accepted. */
import { createServer, type Socket } from 'node:net';
import { fromCallback } from 'xstate';
import { type ByteStream, byteStream } from '../link/byte-stream.ts';
import { bindableHost } from '../process/every-address.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { plainHost } from '../wire/ip-address.ts';

export type SocketServerEvent =
  | { readonly type: 'socket.bound'; readonly address: Endpoint }
  | { readonly type: 'bind.failed'; readonly message: string }
  | { readonly type: 'socket.accepted'; readonly stream: ByteStream }
  /** `temporary` when the next accept may succeed. */
  | { readonly type: 'accept.failed'; readonly temporary: boolean; readonly message: string }
  | { readonly type: 'socket.closed' };

export type SocketServerCommand =
  /** Destroys the stream without sending a byte. */
  { readonly type: 'turn.away'; readonly stream: ByteStream } | { readonly type: 'close' };

/** Accept errors that are temporary: out of descriptors or memory, or the caller has already closed. */
const TEMPORARY = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ECONNABORTED', 'EAGAIN']);

export const tcpListener = fromCallback<SocketServerCommand, Endpoint>(
  ({ input, sendBack, receive }) => {
    const report = (event: SocketServerEvent): void => sendBack(event);
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: false });

    const onConnection = (socket: Socket): void => {
      const stream = tcpStream(socket);
      if (stream) report({ type: 'socket.accepted', stream });
      else socket.destroy(); // reset before it was accepted
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      if (!server.listening) report({ type: 'bind.failed', message: error.message });
      else {
        const temporary = TEMPORARY.has(error.code ?? '');
        report({ type: 'accept.failed', temporary, message: error.message });
      }
    };
    server
      .on('connection', onConnection)
      .on('error', onError)
      .on('close', () => report({ type: 'socket.closed' }))
      .on('listening', () => {
        const address = server.address();
        if (!address || typeof address !== 'object') return;
        const host = plainHost(address.address);
        report({ type: 'socket.bound', address: { host, port: address.port } });
      });
    server.listen({ host: bindableHost(input.host), port: input.port });

    receive((command) => {
      if (command.type === 'turn.away') command.stream.destroy();
      else server.close();
    });
    return () => {
      server.close();
    };
  },
);

/** Null when the remote has already closed the socket. Attaches the error listener, in the tick the socket was created. */
export function tcpStream(socket: Socket): ByteStream | null {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  const stream = byteStream(
    socket,
    { host: remoteAddress ?? '', port: remotePort ?? 0 },
    { host: localAddress ?? '', port: localPort ?? 0 },
  );
  return remoteAddress ? stream : null;
}
