/** `echo/1`: whoever is sent a text sends it back. For trying a connection out, and for the tests. */

import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { asBytes, decodeRlp, encodeRlp } from '../io/wire/rlp.ts';

/** Message codes. The payload of both is one RLP byte string. */
const SAY = 0;
const ECHO = 1;

export type EchoHooks = {
  /** Said to every peer once, right after it is added. */
  readonly say?: string;
  /** Hears of every message: what they said to us, and what came back of what we said. */
  readonly onMessage?: (message: EchoMessage) => void;
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
        onMessage?.({ peer, kind: code === SAY ? 'said' : 'echoed', bytes });
        if (code === SAY) await port.send(ECHO, payload);
      }
    },
  };
}
