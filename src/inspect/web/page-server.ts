/** Serves the page for a server or a recording: HTTP server, sign-in and routes joined. */
import { getRequestListener } from '@hono/node-server';
import { type Random, systemRandom } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';
import { HTTP_LIMITS, type HttpLimits, openHttpServer } from '../../web/http-server.ts';
import { unrefClock } from '../../web/unref-clock.ts';
import { type Assets, PAGE_FOLDER, readAssets } from './assets.ts';
import { ownAddresses } from './own-addresses.ts';
import { mayPost, type PageContent, routesOf } from './routes.ts';
import { SignIn } from './sign-in.ts';

/** Clock, randomness and files; tests replace them. */
export type PageServerPorts = {
  /** Of streams and sessions: the clock of the process, even for a server with a virtual clock. */
  readonly clock: Clock;
  /** Source of all secrets. */
  readonly random: Random;
  readonly assets: Assets;
  readonly limits: HttpLimits;
};

export type PageServerOptions = {
  /** An address of this machine, or one that means all of them. */
  readonly host: string;
  readonly port: number;
  readonly hostNames: readonly string[];
  readonly onLink: ((link: string) => void) | undefined;
  readonly onFault: (error: unknown) => void;
};

export type PageServer = {
  /** Such as `http://127.0.0.1:40123`. Without a session it shows only how to get one. */
  readonly address: string;
  /** Single use, expires in 60 s. */
  newLink(): string;
  /** Ends every session and its open answers. */
  endSessions(): void;
  /** Ends unfinished answers within 500 ms. */
  close(): Promise<void>;
};

/** Rejects with the system error when it cannot listen. */
export async function openPageServer(
  content: PageContent,
  { host, port, hostNames, onLink, onFault }: PageServerOptions,
  ports: Partial<PageServerPorts> = {},
): Promise<PageServer> {
  const { clock = unrefClock, random = systemRandom, limits = HTTP_LIMITS } = ports;
  const { assets = readAssets(PAGE_FOLDER) } = ports;
  const own = ownAddresses(host);
  const addressAt = ({ port }: Endpoint) => `http://${formatEndpoint({ host: own[0], port })}`;
  let signIn!: SignIn;
  const server = await openHttpServer({
    host,
    port,
    hostNames: [...own.map(inUrl), ...hostNames],
    mayPost,
    limits,
    clock,
    listenerAt: (at) => {
      signIn = new SignIn({ clock, random, address: addressAt(at), onLink });
      const app = routesOf({ content, assets, signIn, clock, onFault });
      return getRequestListener(app.fetch, { overrideGlobalObjects: false });
    },
  });
  return {
    address: addressAt(server.at),
    newLink: () => signIn.newLink(),
    endSessions: () => signIn.endAll(),
    close: async () => {
      if (content.source === 'live') content.streams.end();
      await server.close();
    },
  };
}

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
