/** A running peerchart that speaks echo/1, with what an interop test needs of it. */

import type { ServerOptions } from '../../src/api/options.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { type Watch, watch } from '../support/watch.ts';
import { type Talker, talker } from './talker.ts';

export type OurServer = AsyncDisposable & {
  readonly server: Server;
  readonly events: Watch;
  readonly talk: Talker['talk'];
};

/** @param attach Called before the server starts. */
export async function startServer(
  options: Partial<ServerOptions> = {},
  attach: (server: Server) => Promise<unknown> = async () => {},
): Promise<OurServer> {
  const { protocol, talk } = talker();
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    protocols: [protocol],
    ...options,
  });
  const events = watch(server);
  await attach(server);
  await server.start();
  return { server, events, talk, [Symbol.asyncDispose]: () => server.stop() };
}
