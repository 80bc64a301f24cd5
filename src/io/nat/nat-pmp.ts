/**
 * NAT-PMP: a router is asked over UDP. Only the router that was asked is listened to, for 1 s.
 * Sources: RFC 6886; go-ethereum p2p/nat/natpmp.go, which guesses the router in the same way.
 */
import type { Endpoint } from '../wire/endpoint.ts';
import type { FindGateway, Gateway, MappedProtocol, NatSurroundings } from './gateway.ts';
import {
  addressRequest,
  mappingRequest,
  type PmpFault,
  type PmpMapping,
  readAddress,
  readMapping,
} from './nat-pmp-message.ts';
import { exchange } from './udp-exchange.ts';

/** Source: RFC 6886, 1.1. */
const PORT = 5_351;

/** Longest wait for an answer, in ms. Source: go-ethereum p2p/nat/natpmp.go. */
export const PMP_LIMIT_MS = 1_000;

/** Source: RFC 6886, 3.1. */
const RESEND_AT_MS = [250, 750];

export type NatPmpOptions = {
  /** Addresses of routers that may be there; at most one for each network interface. */
  readonly hosts: readonly string[];
  /** Replaced by tests. */
  readonly port?: number;
};

/** Asks all of `hosts`; the first that answers is it. */
export const findNatPmp =
  ({ hosts, port = PORT }: NatPmpOptions, surroundings: NatSurroundings): FindGateway =>
  async (signal) => {
    if (hosts.length === 0) throw new Error('no network interface has a private IPv4 address');
    const others = new AbortController();
    const any = AbortSignal.any([signal, others.signal]);
    try {
      return await Promise.any(
        hosts.map(async (host) => {
          const router = new NatPmp({ host, port }, surroundings);
          await router.externalHost(any);
          return router;
        }),
      );
    } catch (error) {
      throw (error as AggregateError).errors[0];
    } finally {
      others.abort();
    }
  };

class NatPmp implements Gateway {
  readonly name = 'NAT-PMP';
  readonly mapsPorts = true;
  readonly host: string;
  readonly #router: Endpoint;
  readonly #surroundings: NatSurroundings;

  constructor(router: Endpoint, surroundings: NatSurroundings) {
    this.#router = router;
    this.#surroundings = surroundings;
    this.host = router.host;
  }

  async externalHost(signal: AbortSignal): Promise<string> {
    return (await this.#ask(addressRequest(), readAddress, signal)).host;
  }

  async map(
    { protocol, port, externalPort, lifetimeMs }: Parameters<Gateway['map']>[0],
    signal: AbortSignal,
  ): Promise<number> {
    const wish = { externalPort: externalPort ?? port, lifetimeS: Math.ceil(lifetimeMs / 1_000) };
    const mapping = await this.#map(protocol, port, wish, signal);
    if (mapping.externalPort === 0 || mapping.lifetimeS === 0)
      throw new Error('the router answered without an external port');
    return mapping.externalPort;
  }

  /** Source: RFC 6886, 3.4. */
  async unmap(
    { protocol, port }: Parameters<Gateway['unmap']>[0],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#map(protocol, port, { externalPort: 0, lifetimeS: 0 }, signal);
  }

  #map(
    protocol: MappedProtocol,
    port: number,
    wish: PmpMapping,
    signal: AbortSignal,
  ): Promise<PmpMapping> {
    const request = mappingRequest(protocol, port, wish);
    return this.#ask(request, (bytes) => readMapping(bytes, protocol, port), signal);
  }

  async #ask<Answer extends object>(
    bytes: Uint8Array,
    read: (bytes: Uint8Array) => Answer | PmpFault | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    const question = { bytes, to: this.#router, resendAtMs: RESEND_AT_MS, limitMs: PMP_LIMIT_MS };
    const answer = await exchange({ ...question, read }, this.#surroundings, signal);
    if ('fault' in answer) throw new Error(`the router refused: ${answer.fault}`);
    return answer;
  }
}
