/** How a gateway is found, by the option `nat`. Source: go-ethereum p2p/nat/nat.go. */
import type { Endpoint } from '../wire/endpoint.ts';
import type { FindGateway, NatSurroundings } from './gateway.ts';
import { localNetworks } from './local-networks.ts';
import type { NatMechanism } from './nat-option.ts';
import { findNatPmp } from './nat-pmp.ts';
import { findStun, STUN_SERVERS, type StunOptions } from './stun.ts';
import { findUpnp } from './upnp.ts';

export type FindParts = NatSurroundings & Pick<StunOptions, 'lookUp'>;

/** Null: there is nothing to find. */
export function findGatewayOf(mechanism: NatMechanism, parts: FindParts): FindGateway | null {
  const upnp: FindGateway = (signal) => findUpnp({ hosts: localNetworks().hosts }, parts)(signal);
  const pmp =
    (router: string | null): FindGateway =>
    (signal) =>
      findNatPmp({ hosts: router === null ? localNetworks().routers : [router] }, parts)(signal);
  switch (mechanism.kind) {
    case 'none':
    case 'extip':
      return null;
    case 'upnp':
      return upnp;
    case 'pmp':
      return pmp(mechanism.router);
    case 'any':
      return firstOf([upnp, pmp(null)]);
    case 'stun':
      return findStun({ servers: serversOf(mechanism.server), lookUp: parts.lookUp }, parts);
  }
}

const serversOf = (server: Endpoint | null): readonly Endpoint[] =>
  server ? [server] : STUN_SERVERS;

/** The first that is found; the others are given up. */
export const firstOf =
  (finders: readonly FindGateway[]): FindGateway =>
  async (signal) => {
    const others = new AbortController();
    const any = AbortSignal.any([signal, others.signal]);
    try {
      return await Promise.any(finders.map((find) => find(any)));
    } catch (error) {
      const errors: readonly Error[] = (error as AggregateError).errors;
      throw new Error([...new Set(errors.map(({ message }) => message))].join('; '));
    } finally {
      others.abort();
    }
  };
