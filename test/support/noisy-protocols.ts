/** Handlers of one protocol, well-behaved and misbehaving. They share one message format. */
import type { Protocol } from '../../src/api/protocol.ts';
import { echo } from '../../src/protocols/echo.ts';

type Run = Protocol['run'];

const RUNS: Readonly<Record<string, Run>> = {
  echoes: echo().run,
  greets: echo({ say: 'hello' }).run,
  returns: async () => {},
  throws: async () => {
    throw new Error('no');
  },
  throwsLater: async (_, port) => {
    for await (const { code } of port) if (code === 0) throw new Error('enough');
  },
  hangs: () => new Promise(() => {}),
  leaves: async (peer) => peer.disconnect('uselessPeer'),
  talks: async (_, port) => {
    for (let left = 40; left > 0; left -= 1) await port.send(1, new Uint8Array(left * 30));
    for await (const _message of port);
  },
  floods: async (_, port) => {
    const sent = Array.from({ length: 60 }, () => port.send(1, new Uint8Array(1_000)));
    await Promise.allSettled(sent);
    for await (const _message of port);
  },
};

export const BEHAVIOURS: readonly string[] = Object.keys(RUNS);

export function protocolOf(noise: string): Protocol {
  return { name: 'noise', version: 1, length: 2, run: RUNS[noise]! };
}
