/**
 * The parts that a start begins, one after the other, and the faults of each. They check invariant 12: each
 * begins when the one before is ready, and what was begun is undone in reverse order.
 */
import type { AnyActorRef } from 'xstate';
import { callerLookup } from '../../src/io/adapters/caller-lookup.ts';
import type {
  DiscoveryNetworkCommand,
  DiscoveryNetworkEvent,
} from '../../src/io/adapters/discovery-network.ts';
import type {
  NodeTableStoreCommand,
  NodeTableStoreEvent,
} from '../../src/io/adapters/node-table-store.ts';
import type { SocketServerCommand, SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { type DialGenerator, dialGenerator } from '../../src/machines/dialing/dial-generator.ts';
import { tableMaintenanceMachine } from '../../src/machines/discovery/table-maintenance.ts';
import {
  BIND_TIMEOUT_MS,
  DRAIN_TIMEOUT_MS,
  listenerMachine,
} from '../../src/machines/listening/listener.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import type { ServerChecks } from './server-checks.ts';
import { address, fakeLocalNode } from './server-run.ts';

/** A fault of a part, besides what it reports; it lasts until it is cleared. */
export type StartFault =
  | 'localNode'
  | 'socket'
  | 'datagrams'
  | 'datagramsV5'
  | 'dialScheduler'
  | 'slowListener';

export type StartPartsHooks = {
  /** Of this run. */
  readonly checks: () => ServerChecks;
  /** Whether the server has stopped: a stop ends all parts at once, in no order. */
  readonly isOver: () => boolean;
};

export class StartParts {
  readonly socket = new FakeActor<SocketServerCommand, SocketServerEvent, Endpoint>(
    undefined,
    () => this.#onUnbound(),
    () => this.#breakIf('socket'),
  );
  readonly localNode = fakeLocalNode(
    undefined,
    () => this.#onNodeForgotten(),
    () => this.#breakIf('localNode'),
  );
  /** The network of discovery. */
  readonly datagrams = new FakeActor<DiscoveryNetworkCommand, DiscoveryNetworkEvent, unknown>(
    ({ type }) => {
      if (type === 'close') this.datagrams.report({ type: 'network.closed' });
    },
    () => this.#onDatagramsUnbound(),
    () => this.#breakIf('datagrams'),
  );
  /** The network of Node Discovery v5. */
  readonly datagramsV5 = new FakeActor<DiscoveryNetworkCommand, DiscoveryNetworkEvent, unknown>(
    ({ type }) => {
      if (type === 'close') this.datagramsV5.report({ type: 'network.closed' });
    },
    () => this.#onDatagramsV5Unbound(),
    () => this.#breakIf('datagramsV5'),
  );
  readonly #store = emptyStore();
  readonly #storeV5 = emptyStore();
  fault: StartFault | null = null;
  isReady = false;
  isBound = false;
  isDatagramsBound = false;
  isDatagramsV5Bound = false;
  #listener: AnyActorRef | null = null;
  readonly #hooks: StartPartsHooks;

  constructor(hooks: StartPartsHooks) {
    this.#hooks = hooks;
  }

  /** The real listener; slow with the fault `slowListener`. */
  listenerMachine(clock: Clock) {
    const slow =
      (ms: number): (() => number) =>
      () =>
        this.fault === 'slowListener' ? 4 * ms : ms;
    return listenerMachine.provide({
      actors: { socketServer: this.socket.logic, callerLookup: callerLookup(clock, () => true) },
      delays: { bindTimeout: slow(BIND_TIMEOUT_MS), drainTimeout: slow(DRAIN_TIMEOUT_MS) },
      guards: {
        isEmpty: ({ context }) => context.held.used === 0 && this.fault !== 'slowListener',
      },
    });
  }

  /** The real table of discovery, over a network and a store that do nothing. */
  get discoveryMachine() {
    return tableMaintenanceMachine.provide({
      actors: { network: this.datagrams.logic, store: this.#store.logic },
    });
  }

  /** The same of Node Discovery v5, over another network and the same store. */
  get discoveryV5Machine() {
    return tableMaintenanceMachine.provide({
      actors: { network: this.datagramsV5.logic, store: this.#storeV5.logic },
    });
  }

  /** For another run. The one before must have ended. */
  forget(): void {
    this.fault = null;
    this.#listener = null;
    for (const part of [this.socket, this.localNode, this.datagrams, this.datagramsV5])
      part.forget();
    this.#store.forget();
    this.#storeV5.forget();
  }

  ready(): void {
    if (this.localNode.live === 0 || this.isReady) return;
    this.isReady = true;
    this.localNode.report({ type: 'localNode.ready' });
  }

  bind(): void {
    if (this.socket.live === 0 || this.isBound) return;
    this.isBound = true;
    this.socket.report({ type: 'socket.bound', address });
  }

  bindDatagrams(): void {
    if (this.datagrams.live === 0 || this.isDatagramsBound) return;
    this.isDatagramsBound = true;
    this.datagrams.report({ type: 'network.bound', address });
  }

  bindDatagramsV5(): void {
    if (this.datagramsV5.live === 0 || this.isDatagramsV5Bound) return;
    this.isDatagramsV5Bound = true;
    this.datagramsV5.report({ type: 'network.bound', address });
  }

  get generator(): DialGenerator<unknown> {
    const original: DialGenerator<unknown> = dialGenerator;
    return {
      ...original,
      begin: (input) => {
        this.#breakIf('dialScheduler');
        return original.begin(input);
      },
      newTasks: (state, moment) => {
        this.#breakIf('dialScheduler');
        return original.newTasks(state, moment);
      },
    };
  }

  #breakIf(part: StartFault): void {
    if (this.fault === part) throw new Error(`${part} broke`);
  }

  #onUnbound(): void {
    this.isBound = false;
  }

  #onDatagramsUnbound(): void {
    this.isDatagramsBound = false;
  }

  #onDatagramsV5Unbound(): void {
    this.isDatagramsV5Bound = false;
  }

  /** 12: what was begun after the local node ends before it. A stop ends all parts at once, in no order. */
  #onNodeForgotten(): void {
    this.isReady = false;
    if (this.#hooks.isOver()) return;
    if (this.#listener?.getSnapshot().status === 'active')
      this.#hooks.checks().fail('12: the local node is undone before the listener');
    const { socket, datagrams, datagramsV5 } = this;
    const sockets = socket.live + datagrams.live + datagramsV5.live;
    this.#hooks.checks().expect(sockets, 0, '12: sockets when the local node is undone');
  }

  /** 12: each step of the start begins when the one before is done. */
  onBegun(actor: AnyActorRef): void {
    if (actor.id === 'listener') {
      this.#listener = actor;
      this.#hooks
        .checks()
        .expect(this.isReady, true, '12: the local node being ready before the listener');
    }
    if (actor.id === 'discovery')
      this.#hooks.checks().expect(this.isBound, true, '12: being bound before discovery');
    if (actor.id === 'discoveryV5')
      this.#hooks
        .checks()
        .expect(this.isDatagramsBound, true, '12: discovery being bound before its version 5');
    if (actor.id === 'dialScheduler')
      this.#hooks
        .checks()
        .expect(this.isDatagramsV5Bound, true, '12: discovery v5 being bound before dialling');
  }
}

/** A store that has no nodes, and saves them at once. */
function emptyStore() {
  const store: FakeActor<NodeTableStoreCommand, NodeTableStoreEvent, unknown> = new FakeActor(
    ({ type }) =>
      store.report(
        type === 'seeds.wanted' ? { type: 'seeds.found', nodes: [] } : { type: 'nodes.saved' },
      ),
  );
  return store;
}
