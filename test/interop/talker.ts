/** `echo/1` on our side: echoes messages, and sends a series and compares the echoes. */
import { createHash } from 'node:crypto';
import type { Peer } from '../../src/api/peer.ts';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import { asBytes, decodeRlp, encodeRlp } from '../../src/io/wire/rlp.ts';
import { type PayloadSeries, payloads } from './payloads.mjs';

/** Message codes of echo/1. */
const SAY = 0;
const ECHO = 1;

/** Sends without an answer yet; the other implementations use the same. */
const WINDOW = 16;

type Echoed = {
  readonly count: number;
  readonly bytes: number;
  readonly mismatches: number;
  readonly sha256: string;
};

export type Talker = {
  readonly protocol: Protocol;
  /** Sends the series to a peer and waits for every echo. */
  talk(peer: Peer, series: PayloadSeries): Promise<Echoed>;
};

export function talker(): Talker {
  const ports = new Map<Peer, Port>();
  const listeners = new Map<Peer, (echo: Uint8Array) => void>();
  return {
    protocol: {
      name: 'echo',
      version: 1,
      length: 2,
      async run(peer, port) {
        ports.set(peer, port);
        for await (const { code, payload } of port) {
          if (code === SAY) await port.send(ECHO, payload);
          else listeners.get(peer)?.(asBytes(decodeRlp(payload)));
        }
      },
    },
    async talk(peer, series) {
      const expected = [...payloads(series)];
      const digest = createHash('sha256');
      let bytes = 0;
      let mismatches = 0;
      let echoes = 0;
      let sent = 0;
      const port = ports.get(peer);
      if (!port) throw new Error('this peer does not speak echo/1');
      const say = async (): Promise<void> => {
        const payload = expected[sent];
        sent += 1;
        if (payload) await port.send(SAY, encodeRlp(payload));
      };
      const done = new Promise<void>((resolve, reject) => {
        port.signal.addEventListener('abort', () => reject(port.signal.reason));
        listeners.set(peer, (echo) => {
          if (Buffer.compare(echo, expected[echoes] ?? new Uint8Array()) !== 0) mismatches += 1;
          echoes += 1;
          bytes += echo.length;
          digest.update(echo);
          if (echoes === series.count) resolve();
          else say().catch(reject);
        });
      });
      for (let i = 0; i < WINDOW; i += 1) await say();
      await done;
      return { count: echoes, bytes, mismatches, sha256: digest.digest('hex') };
    },
  };
}
