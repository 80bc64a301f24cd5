/** What an adapter reports, kept in order: nothing is missed, and waiting is on events. */
import {
  type CallbackActorLogic,
  createActor,
  createMachine,
  type EventObject,
  type NonReducibleUnknown,
} from 'xstate';

type EventOf<Event, Type> = Extract<Event, { readonly type: Type }>;

export class Reports<Event extends EventObject> {
  /** From the first one on. */
  readonly all: Event[] = [];
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  readonly add = (event: Event): void => {
    this.all.push(event);
    for (const look of [...this.#waiting]) look();
  };

  get types(): readonly Event['type'][] {
    return this.all.map(({ type }) => type);
  }

  of<Type extends Event['type']>(type: Type): EventOf<Event, Type>[] {
    return this.all.filter((event): event is EventOf<Event, Type> => event.type === type);
  }

  /** The next report of this type, counting from the last one that was waited for. */
  next<Type extends Event['type']>(type: Type): Promise<EventOf<Event, Type>> {
    return new Promise((resolve) => {
      const look = (): void => {
        const at = this.all.findIndex((event, i) => i >= this.#taken && event.type === type);
        if (at < 0) return;
        this.#taken = at + 1;
        this.#waiting.delete(look);
        resolve(this.all[at] as EventOf<Event, Type>);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export type RunningAdapter<Command extends EventObject, Report extends EventObject> = {
  readonly reports: Reports<Report>;
  send(command: Command): void;
  /** Its parent runs on, and would still receive it. */
  stop(): void;
};

/** Starts an adapter under a parent that only listens. */
export function runAdapter<Report extends EventObject, Command extends EventObject, Input>(
  adapter: CallbackActorLogic<Command, Input>,
  input: Input,
): RunningAdapter<Command, Report> {
  const reports = new Reports<Report>();
  const parent = createActor(
    createMachine({
      initial: 'running',
      states: {
        running: {
          invoke: { id: 'adapter', src: adapter, input: () => input as NonReducibleUnknown },
        },
        stopped: {},
      },
      on: {
        'test.stop': '.stopped',
        '*': { actions: ({ event }) => reports.add(event as Report) },
      },
    }),
  ).start();
  return {
    reports,
    send: (command) => {
      const { adapter: running } = parent.getSnapshot().children;
      running?.send(command);
    },
    stop: () => parent.send({ type: 'test.stop' }),
  };
}
