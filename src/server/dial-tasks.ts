/** Dials: each attempt a root actor. The machine decides; the connection it makes is set up by `ConnectionSetups`. */
import type { Inspection } from '../actors/inspection.ts';
import type { FailedDial } from '../api/endings.ts';
import type { ConnectionStateChange, LiveConnection } from '../api/live-connection.ts';
import type { DialSchedulerReport, WantedDial } from '../machines/dialing/dial-scheduler.ts';
import { dialTaskMachine } from '../machines/dialing/dial-task.ts';
import type { ServerMachineEvent } from '../machines/server/server-events.ts';
import { ActorRoster, type ActorState } from './actor-roster.ts';
import type { ServerConfig } from './config.ts';
import type { ConnectionSetups } from './connection-setups.ts';

export type DialTasksHooks = {
  readonly setups: ConnectionSetups;
  readonly sendToRunLoop: (event: ServerMachineEvent) => void;
  readonly onFailedDial: (dial: FailedDial) => void;
  readonly onState: (change: ConnectionStateChange) => void;
  readonly hasStateListeners: () => boolean;
  /** Reports an internal error of one actor or adapter. */
  readonly onFault: (error: unknown, where: string) => void;
  readonly inspection: Inspection;
};

export class DialTasks {
  readonly #hooks: DialTasksHooks;
  readonly #isInNetRestrict: ServerConfig['netRestrict'];
  /** By node id. Bounded by the slots of the dial scheduler. */
  readonly #roster;

  constructor(config: ServerConfig, hooks: DialTasksHooks) {
    this.#hooks = hooks;
    this.#isInNetRestrict = config.netRestrict;
    const { clock, dialer, resolver, nodeResolver } = config.ports;
    this.#roster = new ActorRoster({
      logic: dialTaskMachine.provide({
        actors: { dialer, resolver, ...(nodeResolver && { nodeResolver }) },
      }),
      name: 'dial-task',
      clock,
      inspection: hooks.inspection,
      hasStateListeners: hooks.hasStateListeners,
      onFault: hooks.onFault,
      onState: ({ previous, isLast, ...actor }) =>
        hooks.onState({ ...liveDial(actor), previous, isLast }),
    });
  }

  get live(): readonly LiveConnection[] {
    return this.#roster.states.map(liveDial);
  }

  start({ target, direction, mayResolve, backOffDraw }: WantedDial): void {
    const { setups, sendToRunLoop, onFailedDial } = this.#hooks;
    let connectionId = '';
    this.#roster.start({
      key: target.id,
      label: target.id.slice(0, 8),
      input: {
        ...{ target, direction, mayResolve, isInNetRestrict: this.#isInNetRestrict },
        ...(backOffDraw !== undefined && { backOffDraw }),
      },
      onEmitted: (event) => {
        if (event.type === 'setup.unwanted') return setups.cancel(connectionId);
        if (event.type === 'setup.superseded') return setups.supersede(connectionId);
        const task = this.#roster.get(target.id);
        connectionId = setups.start({
          stream: event.stream,
          direction,
          slot: null,
          target,
          onEnd: (result) => {
            // the task may have reached its time limit and ended before
            if (this.#roster.get(target.id) === task) task?.send({ type: 'setup.ended', result });
          },
        });
      },
      otherwise: {
        outcome: 'cancelled',
        address: { host: target.host, port: target.tcpPort },
        detail: '',
        resolution: null,
        tried: [],
      },
      onEnd: (output) => {
        const backOff = output.outcome === 'done' ? undefined : output.backOff;
        if (output.outcome !== 'done') {
          const { outcome: state, address, detail, tried } = output;
          onFailedDial({
            ...{ state, target, address, detail },
            ...(tried.length > 1 && { tried }),
            ...(backOff && { backOffMs: backOff.ms }),
          });
        }
        const { resolution } = output;
        sendToRunLoop({
          ...{ type: 'dial.ended', id: target.id },
          ...(resolution && { resolution }),
          ...(backOff && { backOff }),
        });
      },
    });
  }

  /** A static node whose address must not be dialled is reported as one failed dial. */
  refuse({ target, why }: Blocked): void {
    if (why === 'self') return; // options and methods refuse it in their own words
    const address = { host: target.host, port: target.tcpPort };
    this.#hooks.onFailedDial({ target, address, state: why, detail: 'never dialled' });
  }

  cancel(id: string, why: Unwanted['why']): void {
    this.#roster.get(id)?.send({ type: why === 'connected' ? 'supersede' : 'stop' });
  }

  /** Asks every task to end. */
  abort(): void {
    this.#roster.sendToAll({ type: 'stop' });
  }

  /** Ends every task at once. */
  destroy(): void {
    this.#roster.destroy();
  }
}

type Unwanted = Extract<DialSchedulerReport, { type: 'dial.unwanted' }>;
type Blocked = Extract<DialSchedulerReport, { type: 'static.blocked' }>;

const liveDial = ({
  key,
  snapshot: { context },
  state,
  inStateMs,
}: ActorState<typeof dialTaskMachine>): LiveConnection => ({
  chart: 'dial-task',
  id: key,
  nodeId: key,
  remote: context.address,
  direction: context.direction,
  client: null,
  ...{ state, inStateMs },
});
