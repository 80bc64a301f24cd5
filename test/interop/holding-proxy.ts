/** A proxy before a listener that holds back what callers send after the first answer, until it is released. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type HoldingProxy = {
  readonly port: number;
  /** A caller was answered and is held back. */
  readonly isHolding: Promise<void>;
  /** Everything goes through from now on. */
  letGo(): void;
};

/** @param port Of the listener, on loopback. */
export async function holdBack(port: number): Promise<HoldingProxy> {
  const sockets: Socket[] = [];
  let onHeld = (): void => {};
  const isHolding = new Promise<void>((resolve) => {
    onHeld = resolve;
  });
  const server = createServer((caller) => {
    const listener = connect(port, '127.0.0.1');
    sockets.push(caller, listener);
    for (const socket of [caller, listener]) socket.on('error', () => {});
    caller.pipe(listener);
    listener.once('data', () => {
      caller.unpipe(listener).pause();
      onHeld();
    });
    listener.pipe(caller);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    isHolding,
    letGo() {
      for (let at = 0; at < sockets.length; at += 2) sockets[at]!.pipe(sockets[at + 1]!);
    },
  };
}
