/** `echo/1`: sends every text back to its sender. For trying out a connection, and for the tests. */

import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { asBytes, decodeRlp, encodeRlp } from '../io/wire/rlp.ts';

/** Message codes. The payload of both is one RLP byte string. */
const SAY = 0;
const ECHO = 1;

export type EchoHooks = {
  /** Text sent to every peer once, when it is added. */
  readonly say?: string;
  /** Gets every message, and is awaited: a text the peer sent (`said`), or our own text sent back (`echoed`). What it throws ends the peer. */
  readonly onMessage?: (message: EchoMessage) => unknown;
};

export type EchoMessage = {
  readonly peer: Peer;
  readonly kind: 'said' | 'echoed';
  readonly bytes: Uint8Array;
};

export function echo({ say, onMessage }: EchoHooks = {}): Protocol {
  return {
    name: 'echo',
    version: 1,
    length: 2,
    async run(peer, port) {
      if (say !== undefined) await port.send(SAY, encodeRlp(new TextEncoder().encode(say)));
      for await (const { code, payload } of port) {
        const bytes = asBytes(decodeRlp(payload));
        await onMessage?.({ peer, kind: code === SAY ? 'said' : 'echoed', bytes });
        if (code === SAY) await port.send(ECHO, payload);
      }
    },
  };
}
