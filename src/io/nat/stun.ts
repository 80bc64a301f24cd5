/**
 * STUN: a server on the internet is asked which address it sees us at. It maps no ports.
 * Sources: RFC 5389; go-ethereum p2p/nat/stun.go.
 */
import type { Endpoint } from '../wire/endpoint.ts';
import type { FindGateway, Gateway, NatSurroundings } from './gateway.ts';
import { bindingRequest, readBindingResponse, TRANSACTION_ID_BYTES } from './stun-message.ts';
import { exchange } from './udp-exchange.ts';

/** Source: RFC 5389, 9. */
const STUN_PORT = 3_478;

/** Servers that are asked when none is given. Ours: each is run by a large operator for everyone. */
export const STUN_SERVERS: readonly Endpoint[] = [
  { host: 'stun.l.google.com', port: 19_302 },
  { host: 'stun1.l.google.com', port: 19_302 },
  { host: 'stun.cloudflare.com', port: STUN_PORT },
  { host: 'stun.nextcloud.com', port: STUN_PORT },
  { host: 'stun.sipgate.net', port: STUN_PORT },
  { host: 'stun.voipgate.com', port: STUN_PORT },
];

/** Servers that are asked, one after the other, for one address. Source: go-ethereum p2p/nat/stun.go. */
const MAX_ASKED = 3;

/** Longest wait for one server, its name included, in ms. Ours. */
export const STUN_LIMIT_MS = 3_000;

const RESEND_AT_MS = [500, 1_500];

const NO_MAPPING = 'STUN maps no ports';

export type StunOptions = {
  readonly servers: readonly Endpoint[];
  /** The addresses of a host name. Rejects when there is none. */
  readonly lookUp: (name: string, signal: AbortSignal) => Promise<readonly string[]>;
};

/** Always finds it: whether a server answers is seen when the address is asked for. */
export const findStun =
  (options: StunOptions, surroundings: NatSurroundings): FindGateway =>
  async () =>
    new Stun(options, surroundings);

class Stun implements Gateway {
  readonly name = 'STUN';
  readonly mapsPorts = false;
  readonly host = null;
  readonly #options: StunOptions;
  readonly #surroundings: NatSurroundings;

  constructor(options: StunOptions, surroundings: NatSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  async externalHost(signal: AbortSignal): Promise<string> {
    let latest = new Error('no STUN server is known');
    for (const server of this.#someServers()) {
      try {
        return await this.#ask(server, signal);
      } catch (error) {
        latest = new Error(`${server.host}: ${(error as Error).message}`);
      }
      if (signal.aborted) break;
    }
    throw latest;
  }

  async map(): Promise<number> {
    throw new Error(NO_MAPPING);
  }

  async unmap(): Promise<void> {
    throw new Error(NO_MAPPING);
  }

  async #ask({ host, port }: Endpoint, signal: AbortSignal): Promise<string> {
    const [address] = await this.#options.lookUp(host, signal);
    if (address === undefined) throw new Error('the name has no address');
    const id = this.#surroundings.random(TRANSACTION_ID_BYTES);
    return exchange(
      {
        ...{ bytes: bindingRequest(id), to: { host: address, port } },
        ...{ resendAtMs: RESEND_AT_MS, limitMs: STUN_LIMIT_MS },
        read: (bytes) => readBindingResponse(bytes, id),
      },
      this.#surroundings,
      signal,
    );
  }

  /** At most three different ones, at random. */
  #someServers(): readonly Endpoint[] {
    const rest = [...this.#options.servers];
    const chosen: Endpoint[] = [];
    while (rest.length > 0 && chosen.length < MAX_ASKED) {
      const [byte = 0] = this.#surroundings.random(1);
      chosen.push(...rest.splice(byte % rest.length, 1));
    }
    return chosen;
  }
}
