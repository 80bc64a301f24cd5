/**
 * UPnP: a router is searched for by multicast and called by SOAP. What answers is not trusted: see `ssdp.ts` for where
 * requests may go, `bounded-http.ts` and `xml.ts` for the bounds of what is read.
 * Sources: UPnP IGD 1 and 2; go-ethereum p2p/nat/natupnp.go.
 */
import type { DatagramSocket } from '../discovery/datagram-socket.ts';
import { thrownText } from '../process/thrown.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import { parseIp } from '../wire/ip-address.ts';
import { boundedRequest } from './bounded-http.ts';
import type { FindGateway, Gateway, MappingRequest, NatSurroundings } from './gateway.ts';
import { readLocation, SEARCHES } from './ssdp.ts';
import { SERVICE_TYPES, servicesIn, UpnpRefusal, UpnpService } from './upnp-service.ts';
import { readXml } from './xml.ts';

/** Source: UPnP Device Architecture 1.1, 1.3.2. */
const MULTICAST: Endpoint = { host: '239.255.255.250', port: 1_900 };

/** How long answers to the search are taken, in ms. */
export const SEARCH_WINDOW_MS = 3_000;

/** When the search is repeated, in ms: datagrams get lost. */
const SEARCH_AGAIN_MS = 500;

/** Descriptions that are fetched in one search. Ours: a network has one router, or two. */
const MAX_DESCRIPTIONS = 8;

/** Source: go-ethereum p2p/nat/natupnp.go. */
const MAX_TRIES = 4;
const MAX_RANDOM_PORTS = 3;
const FIRST_RANDOM_PORT = 10_000;
const LAST_RANDOM_PORT = 65_534;

/** Another device has the external port. Source: UPnP WANIPConnection:1, 2.4.16. */
const CONFLICT = 718;

/** The router has only mappings without an end. Source: UPnP WANIPConnection:1, 2.4.16. */
const ONLY_PERMANENT = 725;

/** Shown by routers in their list of mappings. */
const DESCRIPTION = 'peerchart';

export type UpnpOptions = {
  /** Our IPv4 addresses in local networks; the search is sent from each. */
  readonly hosts: readonly string[];
  /** Replaced by tests. */
  readonly searchAddress?: Endpoint;
};

/** The first router that has NAT is it. */
export const findUpnp =
  ({ hosts, searchAddress = MULTICAST }: UpnpOptions, surroundings: NatSurroundings): FindGateway =>
  (signal) =>
    new Promise((resolve, reject) => {
      const { clock, bind } = surroundings;
      const sockets: DatagramSocket[] = [];
      const seen = new Set<string>();
      const running = new AbortController();
      const any = AbortSignal.any([signal, running.signal]);
      let isOver = false;
      let trying = 0;
      let isWindowOver = false;
      let why = 'no router answered the UPnP search';
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        clock.clearTimeout(windowTimer);
        clock.clearTimeout(againTimer);
        signal.removeEventListener('abort', onAbort);
        for (const socket of sockets) socket.close();
        running.abort();
        settle();
      };
      const fail = (message: string): void => end(() => reject(new Error(message)));
      const onAbort = (): void => fail('cancelled');
      const search = (socket: DatagramSocket): void => {
        for (const bytes of SEARCHES) socket.send(bytes, searchAddress);
      };
      const windowTimer = clock.setTimeout(() => {
        isWindowOver = true;
        if (trying === 0) fail(why);
      }, SEARCH_WINDOW_MS);
      const againTimer = clock.setTimeout(() => sockets.forEach(search), SEARCH_AGAIN_MS);
      const tryAt = async (location: URL): Promise<void> => {
        trying += 1;
        try {
          const router = await routerAt(location, surroundings, any);
          end(() => resolve(router));
        } catch (error) {
          why = (error as Error).message;
        }
        trying -= 1;
        if (isWindowOver && trying === 0) fail(why);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      if (hosts.length === 0) return fail('no network interface has a private IPv4 address');
      for (const host of hosts)
        bind(
          { host, port: 0 },
          {
            onDatagram: ({ bytes, from }) => {
              const location = readLocation(bytes, from.host);
              if (!location || isOver || seen.has(location.href)) return;
              if (seen.size >= MAX_DESCRIPTIONS) return;
              seen.add(location.href);
              void tryAt(location);
            },
            onLost: (message) => {
              why = message;
            },
            onRestored: () => {},
          },
        ).then(
          (socket) => {
            if (isOver) return socket.close();
            sockets.push(socket);
            search(socket);
          },
          (error: unknown) => {
            why = thrownText(error);
          },
        );
    });

/** Rejects when the device has no service that maps ports, or none with NAT. */
async function routerAt(
  location: URL,
  surroundings: NatSurroundings,
  signal: AbortSignal,
): Promise<Gateway> {
  const { clock } = surroundings;
  const answer = await boundedRequest({ url: location, method: 'GET' }, clock, signal);
  if (answer.status !== 200) throw new Error(`the router answered with HTTP ${answer.status}`);
  let why = 'the router has no service that maps ports';
  for (const { type, control } of servicesIn(readXml(answer.body), location)) {
    const service = new UpnpService(type, control, clock);
    try {
      const status = await service.call('GetNATRSIPStatus', {}, signal);
      if (status('NewNATEnabled') === '1')
        return new Upnp(service, location.hostname, answer.localHost, surroundings);
      why = 'the router says that it has no NAT';
    } catch (error) {
      why = (error as Error).message;
    }
  }
  throw new Error(why);
}

class Upnp implements Gateway {
  readonly name: string;
  readonly mapsPorts = true;
  readonly host: string;
  readonly #service: UpnpService;
  readonly #localHost: string;
  readonly #surroundings: NatSurroundings;
  #hasOnlyPermanent = false;

  constructor(
    service: UpnpService,
    host: string,
    localHost: string,
    surroundings: NatSurroundings,
  ) {
    this.name = `UPnP IGDv${service.type === SERVICE_TYPES[0] ? 2 : 1}`;
    this.host = host;
    this.#service = service;
    this.#localHost = localHost;
    this.#surroundings = surroundings;
  }

  async externalHost(signal: AbortSignal): Promise<string> {
    const answer = await this.#service.call('GetExternalIPAddress', {}, signal);
    const host = answer('NewExternalIPAddress') ?? '';
    if (!parseIp(host)) throw new Error('the router answered without an external address');
    return host;
  }

  async map(request: MappingRequest, signal: AbortSignal): Promise<number> {
    const wish = request.externalPort ?? request.port;
    if (this.#service.type === SERVICE_TYPES[0]) {
      const answer = await this.#add('AddAnyPortMapping', wish, request, signal);
      return portOf(answer('NewReservedPort'));
    }
    const random = Array.from({ length: MAX_RANDOM_PORTS }, () => this.#randomPort());
    const ports = [...Array.from({ length: MAX_TRIES }, () => wish), ...random];
    let why: unknown = null;
    let isTaken = false;
    for (const port of ports) {
      if (isTaken && port === wish) continue;
      try {
        await this.#add('AddPortMapping', port, request, signal);
        return port;
      } catch (error) {
        why = error;
        isTaken ||= error instanceof UpnpRefusal && error.code === CONFLICT;
        if (signal.aborted) break;
      }
    }
    throw why;
  }

  async unmap(
    { protocol, externalPort }: Parameters<Gateway['unmap']>[0],
    signal: AbortSignal,
  ): Promise<void> {
    const values = { ...key(externalPort, protocol) };
    await this.#service.call('DeletePortMapping', values, signal);
  }

  /** A mapping without an end where the router has no others: it stays when nothing deletes it. */
  async #add(
    action: string,
    externalPort: number,
    request: MappingRequest,
    signal: AbortSignal,
  ): ReturnType<UpnpService['call']> {
    try {
      return await this.#addOnce(action, externalPort, request, signal);
    } catch (error) {
      const isRefused = error instanceof UpnpRefusal && error.code === ONLY_PERMANENT;
      if (!isRefused || this.#hasOnlyPermanent) throw error;
      this.#hasOnlyPermanent = true;
      return this.#addOnce(action, externalPort, request, signal);
    }
  }

  #addOnce(
    action: string,
    externalPort: number,
    { protocol, host, port, lifetimeMs }: MappingRequest,
    signal: AbortSignal,
  ) {
    const isEveryAddress = parseIp(host)?.range() === 'unspecified';
    return this.#service.call(
      action,
      {
        ...key(externalPort, protocol),
        NewInternalPort: port,
        NewInternalClient: isEveryAddress ? this.#localHost : host,
        NewEnabled: 1,
        NewPortMappingDescription: DESCRIPTION,
        NewLeaseDuration: this.#hasOnlyPermanent ? 0 : Math.ceil(lifetimeMs / 1_000),
      },
      signal,
    );
  }

  #randomPort(): number {
    const [high = 0, low = 0] = this.#surroundings.random(2);
    return FIRST_RANDOM_PORT + ((high * 256 + low) % (LAST_RANDOM_PORT - FIRST_RANDOM_PORT + 1));
  }
}

const key = (externalPort: number, protocol: MappingRequest['protocol']) => ({
  NewRemoteHost: '',
  NewExternalPort: externalPort,
  NewProtocol: protocol.toUpperCase(),
});

function portOf(text: string | null): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error('the router answered without an external port');
  return port;
}
