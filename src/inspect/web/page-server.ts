/** A web site that shows a server or a file to whoever has its link: web server, entrance and routes as one thing. */
import { getRequestListener } from '@hono/node-server';
import { type Random, systemRandom } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import { type Endpoint, formatEndpoint } from '../../io/wire/endpoint.ts';
import { type Assets, PAGE_FOLDER, readAssets } from './assets.ts';
import { HTTP_LIMITS, type HttpLimits, openHttpServer } from './http-server.ts';
import { ownAddresses } from './own-addresses.ts';
import { type PageContent, routesOf } from './routes.ts';
import { SignIn } from './sign-in.ts';
import { unrefClock } from './unref-clock.ts';

/** The outside world, to be replaced by tests. */
export type PageServerPorts = {
  /** Of streams and sessions: that of the process, also where a server lives on another one. */
  readonly clock: Clock;
  /** Of secrets. */
  readonly random: Random;
  readonly assets: Assets;
  readonly limits: HttpLimits;
};

export type PageServerOptions = {
  /** An address of this machine, or one that stands for all of them. */
  readonly host: string;
  readonly port: number;
  readonly hostNames: readonly string[];
  readonly onLink: ((link: string) => void) | undefined;
  readonly onFault: (error: unknown) => void;
};

export type PageServer = {
  /** Such as `http://127.0.0.1:40123`: nobody gets further than a plain page with it. */
  readonly address: string;
  /** Good once, and for 60 s. */
  newLink(): string;
  /** Ends answers that are on their way, within 500 ms. */
  close(): Promise<void>;
};

/** Rejects with the error of the system when it cannot listen. */
export async function openPageServer(
  shown: PageContent,
  { host, port, hostNames, onLink, onFault }: PageServerOptions,
  ports: Partial<PageServerPorts> = {},
): Promise<PageServer> {
  const { clock = unrefClock, random = systemRandom, limits = HTTP_LIMITS } = ports;
  const { assets = readAssets(PAGE_FOLDER) } = ports;
  const own = ownAddresses(host);
  const addressAt = ({ port }: Endpoint) => `http://${formatEndpoint({ host: own[0], port })}`;
  let entrance!: SignIn;
  const server = await openHttpServer({
    host,
    port,
    hostNames: [...own.map(inUrl), ...hostNames],
    limits,
    clock,
    listenerAt: (at) => {
      const cookieName = `peerchart-${at.port}`;
      entrance = new SignIn({ clock, random, address: addressAt(at), cookieName, onLink });
      const app = routesOf({ shown, assets, entrance, clock, onFault });
      return getRequestListener(app.fetch, { overrideGlobalObjects: false });
    },
  });
  return {
    address: addressAt(server.at),
    newLink: () => entrance.newLink(),
    close: async () => {
      if (shown.source === 'live') shown.streams.end();
      await server.close();
    },
  };
}

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
