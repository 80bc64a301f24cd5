/**
 * The interface of one connection's link, used by its machines and by the owner of its stream; a transport makes links.
 * RLPx is the default. Another transport may skip the cryptography, as long as it reports the same events in order.
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

/** Its methods do not throw: a fault of our own is reported as `link.faulted` and passed to `onFault`. */
export type Link = {
  /** Events go to `report` from now on. If the stream has already ended, that is reported at once. */
  attach(report: LinkReport): void;
  /** Stops reading and leaves the stream as it is, for the next `attach`. Does nothing unless `report` is attached. */
  detach(report: LinkReport): void;
  /** Executes one step, and nothing else. */
  command(command: LinkCommand): void;
  /** Makes a port for each protocol both sides share, in this order. Called once, before `start.routing`. */
  openPorts(places: readonly PortPlace[]): readonly Port[];
  /** The peer has ended: handlers get `reason`, may still take queued messages, and cannot send. */
  closePorts(reason: Error): void;
  /** Removes every listener and timer, for good. The owner destroys the stream afterwards. */
  release(reason: Error): void;
  /** For the inspector; must not show keys. */
  toJSON(): string;
};

export type LinkOptions = EncHandshakeOptions & {
  readonly stream: ByteStream;
  /** Our Hello. */
  readonly hello: Hello;
  readonly clock: Clock;
  readonly traffic: Traffic;
  /** Byte limits shared by all links of the server. */
  readonly budgets: Budgets;
  /** Gets every fault of our own, with its stack. */
  readonly onFault: (error: unknown) => void;
};

/** Makes the link of one connection, inbound or dialled, before a byte is read or written. */
export type Transport = (options: LinkOptions) => Link;
