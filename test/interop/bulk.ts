/** `bulk/1` on our side, as in geth-peer/bulk.go: messages one way, each sent when `send` of the one before has resolved, then an end. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import type { Port, Protocol } from '../../src/api/protocol.ts';

/** Message codes of bulk/1. */
const PIECE = 0;
const END = 1;

/** An empty RLP string. */
const EMPTY = Uint8Array.of(0x80);

export type Load = {
  readonly count: number;
  /** Bytes of one message. */
  readonly size: number;
  /** Silence before the first message. */
  readonly afterMs: number;
};

/** One peer's end: make a new one for each connection. */
export type BulkEnd = {
  readonly protocol: Protocol;
  push(load: Load): Promise<void>;
  /** How many messages came before the end was announced. */
  readonly received: Promise<number>;
};

export function bulkEnd(): BulkEnd {
  let onPort = (_: Port): void => {};
  let onReceived = (_: number): void => {};
  const opened = new Promise<Port>((resolve) => {
    onPort = resolve;
  });
  const received = new Promise<number>((resolve) => {
    onReceived = resolve;
  });
  return {
    received,
    protocol: {
      name: 'bulk',
      version: 1,
      length: 2,
      async run(_, port) {
        onPort(port);
        let messages = 0;
        for await (const { code } of port) {
          if (code === PIECE) messages += 1;
          else onReceived(messages);
        }
      },
    },
    async push({ count, size, afterMs }) {
      const port = await opened;
      await wait(afterMs, undefined, { signal: port.signal });
      const content = randomBytes(size); // snappy finds nothing to copy
      for (let sent = 0; sent < count; sent += 1) await port.send(PIECE, content);
      await port.send(END, EMPTY);
    },
  };
}
