/** A node that people can run: one server with a data directory, services and APIs, started in order and stopped in reverse. */
import { createActor } from 'xstate';
import { NodeError } from './api/node-error.ts';
import { type NodeFault, nodeParts } from './io/adapters/node-parts.ts';
import { type NodeEmitted, nodeMachine } from './machines/node/node.ts';
import { checkNodeOptions, type NodeConfig } from './node/check-options.ts';
import type { NodeOptions, Service, ServiceFactory } from './node/node-options.ts';
import { causeOf, NodeRun } from './node/node-run.ts';
import type { Server } from './server.ts';

/** It may be started again after `stop()`, with a new server each time; not after it was disposed of. */
export class Node implements AsyncDisposable {
  /** The XState actor of the node: read or subscribe, never send. */
  readonly actor;
  readonly #config: NodeConfig;
  #run: NodeRun | null = null;

  /** @throws {TypeError} Names each wrong option. @throws {RangeError} `nodeKey` is not a valid secret key. */
  constructor(options: NodeOptions = {}) {
    const config = checkNodeOptions(options);
    this.#config = config;
    const { clock, services, apis } = config;
    const parts = nodeParts((onServerEnded) => {
      this.#run = new NodeRun(config, {
        onServerEnded,
        onServer: (server) => this.#showIn(server),
      });
      return this.#run;
    });
    this.actor = createActor(nodeMachine.provide({ actors: { parts } }), {
      id: 'node',
      clock,
      input: { services: services.length, apis: apis.length },
    });
    this.actor.subscribe({ error: () => {} }); // `start` and `stop` reject with it
    this.actor.start();
  }

  /** Absolute; null without one. */
  get datadir(): string | null {
    return this.#config.datadir;
  }

  /** From its creation in a start to the end of the stop. */
  get server(): Server | null {
    return this.#running?.server ?? null;
  }

  /** Sentences for the operator about the data directory, of the latest start. */
  get notes(): readonly string[] {
    return this.#run?.notes ?? [];
  }

  /**
   * A service by what made it, which gives its type, or by its key.
   * @throws {NodeError} `unknownService`, also while the node does not run.
   */
  service<Made extends Service>(factory: ServiceFactory<Made>): Made;
  service<Made extends Service = Service>(key: string): Made;
  service(wanted: ServiceFactory | string): Service {
    if (!this.#running) throw new NodeError('unknownService', 'the node does not run');
    return this.#running.services.find(wanted);
  }

  /**
   * Locks the data directory, makes the services, starts the server, then the services, and opens the APIs. When a step
   * fails, what was started is stopped in reverse order, and the node may be started again.
   * @returns The server, which runs.
   * @throws {NodeError} Its `kind` says what failed, `cause` is the first error, and `errors` those of the stop.
   */
  async start(): Promise<Server> {
    if (this.#isClosed) throw new NodeError('closed', 'the node was closed');
    if (this.#running) throw new NodeError('alreadyRunning', 'the node is already started');
    const ended = this.#next(['started', 'start.failed', 'stopped']);
    this.actor.send({ type: 'start' });
    const event = await ended;
    if (event.type === 'start.failed') throw errorOf(event.fault, event.stopFaults);
    if (event.type === 'stopped')
      throw new NodeError('stopped', 'stopped while it was starting', {
        errors: event.stopFaults.map((fault) => errorOf(fault)),
      });
    return this.#run?.server as Server; // it was made, or the start would have failed
  }

  /**
   * Closes the APIs, stops the services, the server, and unlocks the data directory. Nothing happens when it does not run.
   * @throws {NodeError} `stopFailed`: everything is stopped or given up; `errors` has each error, in order.
   */
  async stop(): Promise<void> {
    if (!this.#running) return;
    const ended = this.#next(['stopped', 'start.failed']);
    this.actor.send({ type: 'stop' });
    const event = await ended;
    if (event.type === 'start.failed') return; // `start()` reports it
    const errors = event.stopFaults.map((fault) => errorOf(fault));
    const [first] = errors;
    if (first)
      throw new NodeError('stopFailed', errors.map(({ message }) => message).join('; '), {
        ...{ errors, cause: first.cause ?? first },
      });
  }

  /** `stop()`, and no further start. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      if (!this.#isClosed) this.actor.send({ type: 'close' });
    }
  }

  /** Its inspectors and recordings see this actor too. */
  async #showIn(server: Server): Promise<void> {
    await server.attach(({ inspection }) => {
      const hide = inspection.adopt(this.actor);
      return { [Symbol.asyncDispose]: async () => hide() };
    });
  }

  get #isClosed(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }

  get #running(): NodeRun | null {
    return this.actor.getSnapshot().matches('active') ? this.#run : null;
  }

  #next<Type extends NodeEmitted['type']>(
    types: readonly Type[],
  ): Promise<Extract<NodeEmitted, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const subscriptions = types.map((type) =>
        this.actor.on(type, (event) => {
          for (const subscription of subscriptions) subscription.unsubscribe();
          resolve(event as Extract<NodeEmitted, { type: Type }>);
        }),
      );
      subscriptions.push(this.actor.subscribe({ error: reject }));
    });
  }
}

function errorOf(fault: NodeFault, stopFaults: readonly NodeFault[] = []): NodeError {
  const cause = causeOf(fault);
  return new NodeError(fault.kind, fault.message, {
    errors: stopFaults.map((one) => errorOf(one)),
    ...(cause !== undefined && { cause }),
  });
}
