/**
 * Slow lines between two nodes on loopback: a rate, a delay and a queue of 64 KiB in each direction, and no loss.
 * They are proxies of geth-peer/shape.go: on loopback the system takes 3.8 MiB from a sender at once, and Node
 * cannot ask for smaller buffers or segments.
 */
import { type PeerProcess, startPeer } from './peer-process.ts';

export type Line = {
  readonly bytesPerSecond: number;
  /** One way. */
  readonly delayMs: number;
  /** Leaves a sender the buffers of loopback: the system takes 3.8 MiB at once. Default: false. */
  readonly deep?: boolean;
  /** Bytes that pass in each direction; after them nothing does, without an end of the stream. Default: no limit. */
  readonly stopsAfter?: number;
};

export type ShapingProxy = AsyncDisposable & {
  /** @param target A port on loopback. @returns The port that leads to it over a line of its own per connection. */
  open(target: number, line: Line): Promise<number>;
};

export async function startShapingProxy(): Promise<ShapingProxy> {
  const peer: PeerProcess = await startPeer('geth', ['--mode', 'shape']);
  return {
    async open(target, { bytesPerSecond, delayMs, deep = false, stopsAfter = 0 }) {
      peer.send({ cmd: 'shape', port: target, bytesPerSecond, delayMs, deep, stopsAfter });
      return (await peer.next('shaped', ({ to }) => to === target)).port;
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

/** The same node, reached by another port. */
export function atPort(enode: string, port: number): string {
  return enode.replace(/:\d+$/, `:${port}`);
}

export function portOf(enode: string): number {
  return Number(/:(\d+)$/.exec(enode)?.[1]);
}
