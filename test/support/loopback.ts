/** Real sockets on the loopback interface, all gone when the test is. */
import { type EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export const LOOPBACK = '127.0.0.1';

export type LoopbackServer = {
  readonly port: number;
  readonly server: Server;
  /** Every connection that was accepted, in order. */
  readonly sockets: readonly Socket[];
  /** The next one who connects. */
  accepted(): Promise<Socket>;
};

export async function listenOnLoopback(): Promise<LoopbackServer> {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).resume();
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    sockets,
    accepted: async () => (await once(server, 'connection'))[0] as Socket,
  };
}

/** A free port: it was assigned a moment ago and released. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A client that is connected. */
export async function connectTo(port: number): Promise<Socket> {
  const socket = dial(port);
  await once(socket, 'connect');
  return socket;
}

/** A client that may be connected later. */
function dial(port: number): Socket {
  const socket = connect(port, LOOPBACK).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Result of an attempt to connect: `connect`, or the error of the system. */
export function attempt(port: number): Promise<string> {
  const socket = dial(port);
  return new Promise((resolve) => {
    socket
      .on('connect', () => resolve('connect'))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}

/** Resolves when the socket is closed, for any reason. */
export function closed(stream: EventEmitter): Promise<void> {
  return new Promise((resolve) => void stream.once('close', () => resolve()));
}

/** Resolves when the socket is closed, with the number of bytes received. */
export function bytesUntilClose(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve(socket.bytesRead)).resume();
  });
}
