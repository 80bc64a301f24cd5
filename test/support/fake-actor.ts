/** An adapter that records what it is told and says what the test wants said. It does nothing by itself. */
import { type CallbackActorLogic, type EventObject, fromCallback } from 'xstate';

export class FakeActor<Command extends EventObject, Report extends EventObject, Input> {
  /** What a machine is given in place of the adapter. */
  readonly logic: CallbackActorLogic<Command, Input>;
  /** In order, over all its lives. */
  readonly commands: Command[] = [];
  readonly inputs: Input[] = [];
  readonly #reporters: ((report: Report) => void)[] = [];
  #live = 0;

  /**
   * @param onCommand Hears each command at the moment it arrives.
   * @param onEnd Hears of the end of each life.
   * @param onStart Hears of each start; that life breaks when it throws.
   */
  constructor(onCommand?: (command: Command) => void, onEnd?: () => void, onStart?: () => void) {
    this.logic = fromCallback<Command, Input>(({ input, sendBack, receive }) => {
      onStart?.();
      this.inputs.push(input);
      this.#reporters.push(sendBack);
      this.#live += 1;
      receive((command) => {
        this.commands.push(command);
        onCommand?.(command);
      });
      return () => {
        this.#live -= 1;
        onEnd?.();
      };
    });
  }

  /** Those of its lives that are over, for whoever plays with it for long. */
  forget(): void {
    if (this.#live > 0) throw new Error('one of its lives is not over');
    for (const list of [this.commands, this.inputs, this.#reporters]) list.length = 0;
  }

  /** How many of it run at this moment. */
  get live(): number {
    return this.#live;
  }

  /** Tells the machine, as the life that started at `index`, or as the latest one. A life that is over is not heard. */
  report(report: Report, index = this.#reporters.length - 1): void {
    const reporter = this.#reporters[index];
    if (!reporter) throw new Error(`there is no life ${index} of this adapter`);
    reporter(report);
  }
}

/** An adapter that throws as soon as it is started. */
export const brokenActor = <Command extends EventObject, Input>(): CallbackActorLogic<
  Command,
  Input
> =>
  fromCallback<Command, Input>(() => {
    throw new Error('broken on purpose');
  });
