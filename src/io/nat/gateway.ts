/** What joins our network to the internet, as the port mapper uses it: real ones are beside this file. */

import type { BindDatagrams } from '../discovery/datagram-socket.ts';
import type { Clock } from '../process/clock.ts';

export type MappedProtocol = 'tcp' | 'udp';

export type MappingRequest = {
  readonly protocol: MappedProtocol;
  /** The address and port that we listen on. */
  readonly host: string;
  readonly port: number;
  /** Null: the same as `port`, if it is free. */
  readonly externalPort: number | null;
  /** After this, in ms, the gateway deletes the mapping by itself, unless it has only permanent ones. */
  readonly lifetimeMs: number;
};

/** Every call rejects with an `Error` that says why, also when `signal` is aborted. None is made while another one runs. */
export type Gateway = {
  /** Such as `UPnP IGDv2`. */
  readonly name: string;
  /** Its address in our network; null when it is not in our network. */
  readonly host: string | null;
  readonly mapsPorts: boolean;
  /** An IP address; whether it is public is for others to check. */
  externalHost(signal: AbortSignal): Promise<string>;
  /** Maps the port, or renews its mapping. @returns The external port, which may be another one than was asked for. */
  map(request: MappingRequest, signal: AbortSignal): Promise<number>;
  unmap(
    mapping: Pick<MappingRequest, 'protocol' | 'port'> & { readonly externalPort: number },
    signal: AbortSignal,
  ): Promise<void>;
};

/** Rejects when none answers, with an `Error` that says why. */
export type FindGateway = (signal: AbortSignal) => Promise<Gateway>;

/** What every mechanism needs of the process. */
export type NatSurroundings = {
  readonly clock: Clock;
  readonly bind: BindDatagrams;
  readonly random: (bytes: number) => Uint8Array;
};
