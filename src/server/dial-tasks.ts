/** Dials: each attempt a root actor of its own. It decides nothing. */
import type { ActorRefFrom } from 'xstate';

import type { Inspection } from '../actors/inspection.ts';
import { outputOf, runActor } from '../actors/run-actor.ts';
import type { FailedDial } from '../api/endings.ts';
import type { DialRequest } from '../machines/dialing/dial-generator.ts';
import type { DialSchedulerReport } from '../machines/dialing/dial-scheduler.ts';
import { dialTaskMachine } from '../machines/dialing/dial-task.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import type { ServerConfig } from './config.ts';
import type { ConnectionSetups } from './connection-setups.ts';

export type DialTasksHooks = {
  /** Where connections of ours are set up. */
  readonly setups: ConnectionSetups;
  /** To the run loop. */
  readonly tell: (event: ServerMachineEvent) => void;
  readonly onFailedDial: (dial: FailedDial) => void;
  /** A mistake of ours in one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

export class DialTasks {
  readonly #config: ServerConfig;
  readonly #hooks: DialTasksHooks;
  /** By node id. Bounded by the slots of the dial scheduler. */
  readonly #running = new Map<string, ActorRefFrom<typeof dialTaskMachine>>();
  readonly #machine;

  constructor(config: ServerConfig, hooks: DialTasksHooks) {
    this.#config = config;
    this.#hooks = hooks;
    const { dialer, resolver, nodeResolver } = config.ports;
    this.#machine = dialTaskMachine.provide({
      actors: { dialer, resolver, ...(nodeResolver && { nodeResolver }) },
      guards: { isOutsideNetRestrict: (_, host) => !config.netRestrict(host) },
    });
  }

  start({ target, direction, mayResolve }: DialRequest): void {
    const { setups, tell, onFailedDial, onFault, inspection } = this.#hooks;
    let connectionId = '';
    runActor(this.#machine, {
      id: `dial-task:${target.id.slice(0, 8)}`,
      clock: this.#config.ports.clock,
      inspection,
      input: { target, direction, mayResolve },
      onCreated: (actor) => this.#running.set(target.id, actor),
      onEmitted: (event) => {
        if (event.type === 'setup.unwanted') return setups.cancel(connectionId);
        if (event.type === 'setup.superseded') return setups.supersede(connectionId);
        const task = this.#running.get(target.id);
        connectionId = setups.start({
          stream: event.stream,
          direction,
          slot: null,
          target,
          onEnd: (result) => {
            // it may have waited for long enough, and be over
            if (this.#running.get(target.id) === task) task?.send({ type: 'setup.ended', result });
          },
        });
      },
      settle: (ending) => {
        this.#running.delete(target.id);
        if (ending.status === 'error') onFault(ending.error, 'dial-task');
        const { outcome, resolution, ...rest } = outputOf(ending, {
          outcome: 'cancelled' as const,
          address: { host: target.host, port: target.tcpPort },
          detail: '',
          resolution: null,
        });
        if (outcome !== 'done') onFailedDial({ ...rest, state: outcome, target });
        tell({ type: 'dial.ended', id: target.id, ...(resolution && { resolution }) });
      },
    });
  }

  /** A static node that is never dialled where it is counts as one dial that came to nothing. */
  refuse({ target, why }: Blocked): void {
    if (why === 'self') return; // options and methods refuse it in their own words
    const address = { host: target.host, port: target.tcpPort };
    this.#hooks.onFailedDial({ target, address, state: why, detail: 'never dialled' });
  }

  cancel(id: string, why: Unwanted['why']): void {
    this.#running.get(id)?.send({ type: why === 'connected' ? 'supersede' : 'stop' });
  }

  /** Asks all of them to end. */
  abort(): void {
    for (const actor of [...this.#running.values()]) actor.send({ type: 'stop' });
  }

  /** Ends all of them, at once and without a word. */
  destroy(): void {
    for (const actor of [...this.#running.values()]) actor.stop();
  }
}

type Unwanted = Extract<DialSchedulerReport, { type: 'dial.unwanted' }>;
type Blocked = Extract<DialSchedulerReport, { type: 'static.blocked' }>;
