/**
 * Fault injection for what no remote can cause: no file descriptors, a silent name server, a lost timer, a socket error,
 * node records without key or port. Each fault applies to one node id or address.
 */
import { type EventObject, fromCallback } from 'xstate';
import type { Ports } from '../api/options.ts';
import type { ResolverEvent } from '../io/adapters/host-resolver.ts';
import type { DialerEvent } from '../io/adapters/tcp-dialer.ts';
import type { ByteStream } from '../io/link/byte-stream.ts';
import type { LinkReport, Transport } from '../io/link/link.ts';
import { rlpxTransport } from '../io/link/rlpx-link.ts';
import type { Clock } from '../io/process/clock.ts';
import { MAX_STRANGERS } from '../io/process/handshake-queue.ts';
import type { Endpoint } from '../io/wire/endpoint.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../machines/connection/connection-setup.ts';
import {
  type DialGenerator,
  type DialState,
  dialGenerator,
} from '../machines/dialing/dial-generator.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { World } from '../testing/world/world.ts';

/** Host names whose lookup never ends. */
const SILENT_NAME = /^silent\./;

/** Host names whose name server reports an error. */
const UNSERVED_NAME = /^unserved\./;

/** The demo node's end of a connection. */
export type NodeEnd = { readonly stream: ByteStream; readonly report: LinkReport };

export class Faults {
  /** Changes to the record of a node, by its id. */
  readonly records = new Map<string, Partial<DialTarget>>();
  /** Immediate results of dials, by address. */
  readonly dials = new Map<string, DialerEvent>();
  /** Addresses whose connections get no enc handshake deadline. */
  readonly withoutDeadline = new Set<string>();
  /** Addresses whose handshakes meet a full queue. */
  readonly withoutTurn = new Set<string>();
  /** By remote address; the later one of two connections. At most as many as open connections. */
  readonly #ends = new Map<string, NodeEnd>();
  readonly #world: World;
  #dropsDeadline = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** The demo node's end of its connection with `address`. */
  nodeEndAt(address: string): NodeEnd | undefined {
    return this.#ends.get(address);
  }

  /** Removes all faults of this id and address. */
  clear(id: string, address: string): void {
    this.records.delete(id);
    this.dials.delete(address);
    this.withoutDeadline.delete(address);
    this.withoutTurn.delete(address);
  }

  /** Ports for a node at `address`. */
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
      this.#dropsDeadline && ms === ENC_HANDSHAKE_TIMEOUT_MS
        ? null
        : this.#world.clock.setTimeout(run, ms),
    clearTimeout: (timer) => this.#world.clock.clearTimeout(timer),
  };

  #dialerAt(address: string): Ports['dialer'] {
    const { clock, tcp } = this.#world;
    return fromCallback<EventObject, Endpoint>(({ input, sendBack }) => {
      const result = this.dials.get(input.host);
      if (result) {
        const timer = clock.setTimeout(() => sendBack(result), 0);
        return () => clock.clearTimeout(timer);
      }
      return tcp.dial({ address, nat: null }, input, (event) => {
        this.#dropsDeadline = this.withoutDeadline.has(input.host);
        sendBack(event); // the setup starts, and sets its deadline, before this returns
        this.#dropsDeadline = false;
      });
    });
  }

  #resolver(): Ports['resolver'] {
    const { clock, hostNames } = this.#world;
    return fromCallback<EventObject, string>(({ input, sendBack }) => {
      if (SILENT_NAME.test(input)) return () => {};
      const [address, ...others] = [hostNames.get(input) ?? []].flat();
      const answer = ((): ResolverEvent => {
        if (UNSERVED_NAME.test(input))
          return { type: 'host.lookupFailed', detail: `ESERVFAIL ${input}` };
        return address === undefined
          ? { type: 'host.notFound', detail: `ENOTFOUND ${input}` }
          : { type: 'host.found', address, others };
      })();
      const timer = clock.setTimeout(() => sendBack(answer), 0);
      return () => clock.clearTimeout(timer);
    });
  }

  readonly #transport: Transport = (options) => {
    const link = rlpxTransport(options);
    const { stream } = options;
    const attach = link.attach.bind(link);
    const command = link.command.bind(link);
    const release = link.release.bind(link);
    link.attach = (report) => {
      this.#ends.set(stream.remote.host, { stream, report });
      attach(report);
    };
    link.command = (step) => {
      const { host } = stream.remote;
      if (step.type === 'process.auth' && this.withoutTurn.has(host))
        this.nodeEndAt(host)?.report({ type: 'handshakes.full', waiting: MAX_STRANGERS });
      else command(step);
    };
    link.release = (reason) => {
      if (this.nodeEndAt(stream.remote.host)?.stream === stream)
        this.#ends.delete(stream.remote.host);
      release(reason);
    };
    return link;
  };

  /** The real generator, with changed records of some nodes. */
  get #generator(): DialGenerator<unknown> {
    const change = (target: DialTarget): DialTarget => ({
      ...target,
      ...this.records.get(target.id),
    });
    const generator: DialGenerator<DialState> = {
      ...dialGenerator,
      newTasks: (state, moment) => {
        const plan = dialGenerator.newTasks(state, moment);
        const tasks = plan.tasks.map((request) => ({ ...request, target: change(request.target) }));
        return { ...plan, tasks };
      },
    };
    return generator as DialGenerator<unknown>;
  }
}
