/**
 * What an outside world does to a node that no remote can cause: a system without files, a name server that is silent,
 * a timer that is lost, a socket that breaks, records without a key or a port. Each is aimed at one node or address.
 */
import { type EventObject, fromCallback } from 'xstate';
import type { Ports } from '../api/options.ts';
import type { ResolverEvent } from '../io/adapters/host-resolver.ts';
import type { DialerEvent } from '../io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../io/link/byte-stream.ts';
import type { LinkReport, Transport } from '../io/link/link.ts';
import { rlpxTransport } from '../io/link/rlpx-link.ts';
import type { Clock } from '../io/process/clock.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../machines/connection/connection-setup.ts';
import {
  type DialGenerator,
  type DialState,
  dialGenerator,
} from '../machines/dialing/dial-generator.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { World } from '../testing/world/world.ts';

/** Names that nobody ever answers for. */
export const SILENT_NAME = /^silent\./;

/** The node's end of a connection. */
export type OurEnd = { readonly stream: ByteStream; readonly report: LinkReport };

export class Faults {
  /** What is wrong with the record of a node, by its id. */
  readonly records = new Map<string, Partial<DialTarget>>();
  /** What the system says at once of a dial to an address. */
  readonly dials = new Map<string, DialerEvent>();
  /** Addresses whose connections have no deadline for the enc handshake. */
  readonly withoutDeadline = new Set<string>();
  /** By remote address; of two connections the later one. Bounded by the connections that are open. */
  readonly #ends = new Map<string, OurEnd>();
  readonly #world: World;
  #losesDeadline = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** The node's end of its connection with this address. */
  endAt(address: string): OurEnd | undefined {
    return this.#ends.get(address);
  }

  /** Whatever was aimed at them. */
  forget(id: string, address: string): void {
    this.records.delete(id);
    this.dials.delete(address);
    this.withoutDeadline.delete(address);
  }

  /** For the options of a node that is at `address`. */
  portsAt(
    address: string,
  ): Pick<Ports, 'clock' | 'dialer' | 'resolver' | 'transport' | 'dialGenerator'> {
    return {
      clock: this.#clock,
      dialer: this.#dialerAt(address),
      resolver: this.#resolver(),
      transport: this.#transport,
      dialGenerator: this.#generator,
    };
  }

  readonly #clock: Clock = {
    now: () => this.#world.clock.now(),
    setTimeout: (run, ms) =>
      this.#losesDeadline && ms === ENC_HANDSHAKE_TIMEOUT_MS
        ? null
        : this.#world.clock.setTimeout(run, ms),
    clearTimeout: (timer) => this.#world.clock.clearTimeout(timer),
  };

  #dialerAt(address: string): Ports['dialer'] {
    const { clock, tcp } = this.#world;
    return fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
      const said = this.dials.get(input.host);
      if (said) {
        const timer = clock.setTimeout(() => sendBack(said), 0);
        return () => clock.clearTimeout(timer);
      }
      return tcp.dial({ address, nat: null }, input, (event) => {
        this.#losesDeadline = this.withoutDeadline.has(input.host);
        sendBack(event); // the setup begins before this returns
        this.#losesDeadline = false;
      });
    });
  }

  #resolver(): Ports['resolver'] {
    const { clock, hostNames } = this.#world;
    return fromCallback<EventObject, string>(({ input, sendBack }) => {
      if (SILENT_NAME.test(input)) return () => {};
      const address = hostNames.get(input);
      const answer: ResolverEvent =
        address === undefined
          ? { type: 'host.notFound', detail: `ENOTFOUND ${input}` }
          : { type: 'host.found', address };
      const timer = clock.setTimeout(() => sendBack(answer), 0);
      return () => clock.clearTimeout(timer);
    });
  }

  readonly #transport: Transport = (options) => {
    const link = rlpxTransport(options);
    const { stream } = options;
    const attach = link.attach.bind(link);
    const release = link.release.bind(link);
    link.attach = (report) => {
      this.#ends.set(stream.remote.host, { stream, report });
      attach(report);
    };
    link.release = (reason) => {
      if (this.endAt(stream.remote.host)?.stream === stream) this.#ends.delete(stream.remote.host);
      release(reason);
    };
    return link;
  };

  /** The usual one, told of some nodes what a broken record would tell. */
  get #generator(): DialGenerator<unknown> {
    const change = (target: DialTarget): DialTarget => ({
      ...target,
      ...this.records.get(target.id),
    });
    const generator: DialGenerator<DialState> = {
      ...dialGenerator,
      newTasks: (state, moment) => {
        const plan = dialGenerator.newTasks(state, moment);
        const tasks = plan.tasks.map((wish) => ({ ...wish, target: change(wish.target) }));
        return { ...plan, tasks };
      },
    };
    return generator as DialGenerator<unknown>;
  }
}
