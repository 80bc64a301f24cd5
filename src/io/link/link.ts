/**
 * What drives one connection, as seen by its machines and by whoever owns its stream; how to make one is a transport.
 * RLPx is the default. Another one may skip the cryptography, as long as it reports the same events in the same order.
 */

import type { Budgets } from '../process/budget.ts';
import type { Clock } from '../process/clock.ts';
import type { Hello } from '../wire/hello.ts';
import type { ByteStream } from './byte-stream.ts';
import type { EncHandshakeOptions } from './enc-handshake.ts';
import type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from './link-events.ts';
import type { Port, PortPlace } from './protocol-port.ts';
import type { Traffic } from './traffic.ts';

export type LinkReport = (event: SetupLinkEvent | PeerLinkEvent) => void;

/** Its methods do not throw: a mistake is reported as `link.faulted`, and told to `onFault`. */
export type Link = {
  /** From now on `report` hears; an end that nobody heard is told at once. */
  attach(report: LinkReport): void;
  /** Reading stops; the stream stays as it is, for whoever comes next. Does nothing for another `report`. */
  detach(report: LinkReport): void;
  /** One step, and nothing that it was not told. */
  command(command: LinkCommand): void;
  /** Makes a port for each protocol both sides share, in this order. Called once, before `start.routing`. */
  openPorts(places: readonly PortPlace[]): readonly Port[];
  /** The peer is over: handlers are told why, may take what came before, and send nothing any more. */
  closePorts(reason: Error): void;
  /** Lets go of the stream for good: no listener, no timer. The stream is destroyed after this, by its owner. */
  release(reason: Error): void;
  /** For the inspector: it must not show keys. */
  toJSON(): string;
};

export type LinkOptions = EncHandshakeOptions & {
  readonly stream: ByteStream;
  /** What we say first. */
  readonly hello: Hello;
  readonly clock: Clock;
  readonly traffic: Traffic;
  /** What all links of the server may hold together. */
  readonly budgets: Budgets;
  /** Hears of our own mistakes, with their stack. */
  readonly onFault: (error: unknown) => void;
};

/** Makes the link of one connection, inbound or dialled, before anything was read or written. */
export type Transport = (options: LinkOptions) => Link;
