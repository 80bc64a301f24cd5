/** A UDP server on loopback that answers each datagram as the test says. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { LOOPBACK } from './loopback.ts';

export type UdpServer = {
  readonly address: Endpoint;
  /** In order of arrival. */
  readonly received: readonly Uint8Array[];
  /** Resolves when so many datagrams have arrived. */
  arrived(count: number): Promise<void>;
};

/** @param answer Called with each datagram; what it returns is sent back. */
export async function udpServer(
  answer: (bytes: Uint8Array, from: RemoteInfo) => readonly Uint8Array[],
  host = LOOPBACK,
): Promise<UdpServer> {
  const socket = createSocket('udp4');
  const received: Uint8Array[] = [];
  let notify = (): void => {};
  socket.on('message', (bytes: Buffer, from) => {
    received.push(bytes);
    for (const datagram of answer(bytes, from)) socket.send(datagram, from.port, from.address);
    notify();
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  onTestFinished(() => {
    socket.close();
  });
  return {
    address: { host, port: socket.address().port },
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        notify = () => {
          if (received.length >= count) resolve();
        };
        notify();
      }),
  };
}
