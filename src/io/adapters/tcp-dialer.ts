/** One attempt to open a TCP connection, as an actor. Stopping it destroys a socket that was not handed over. */
import { connect } from 'node:net';
import { type EventObject, fromCallback } from 'xstate';

import type { ByteStream } from '../link/byte-stream.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { tcpStream } from './tcp-listener.ts';

export type DialerEvent =
  | { readonly type: 'socket.connected'; readonly stream: ByteStream }
  | { readonly type: 'connect.refused'; readonly detail: string }
  | { readonly type: 'connect.unreachable'; readonly detail: string }
  /** The remote accepted and reset it before it could be used. */
  | { readonly type: 'connect.lost'; readonly detail: string }
  | { readonly type: 'connect.failed'; readonly detail: string };

const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN']);

export const tcpDialer = fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
  const report = (event: DialerEvent): void => sendBack(event);
  const socket = connect({ host: input.host, port: input.port, noDelay: true });
  let isHandedOver = false;

  const onError = (error: NodeJS.ErrnoException): void => {
    const detail = error.message;
    const code = error.code ?? '';
    if (code === 'ECONNREFUSED') report({ type: 'connect.refused', detail });
    else if (code === 'ECONNRESET') report({ type: 'connect.lost', detail });
    else if (UNREACHABLE.has(code)) report({ type: 'connect.unreachable', detail });
    else report({ type: 'connect.failed', detail });
  };
  const onConnect = (): void => {
    socket.off('error', onError);
    socket.pause();
    const stream = tcpStream(socket);
    isHandedOver = stream !== null;
    if (stream) report({ type: 'socket.connected', stream });
    else report({ type: 'connect.lost', detail: 'reset immediately after it was accepted' });
  };
  socket.on('error', onError).on('connect', onConnect);

  return () => {
    if (isHandedOver) return;
    socket.on('error', () => {}).destroy();
  };
});
