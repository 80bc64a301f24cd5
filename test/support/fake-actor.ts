/** An adapter that records its commands and sends the reports of the test. It does nothing by itself. */
import { type CallbackActorLogic, type EventObject, fromCallback } from 'xstate';

export class FakeActor<Command extends EventObject, Report extends EventObject, Input> {
  /** What a machine is given in place of the adapter. */
  readonly logic: CallbackActorLogic<Command, Input>;
  /** In order, of all its runs. */
  readonly commands: Command[] = [];
  readonly inputs: Input[] = [];
  readonly #reporters: ((report: Report) => void)[] = [];
  #live = 0;

  /**
   * @param onCommand Called with each command when it arrives.
   * @param onEnd Called when a run ends.
   * @param onStart Called when a run starts; the run breaks when it throws.
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

  /** Drops the records of ended runs, so that long tests do not collect them. */
  forget(): void {
    if (this.#live > 0) throw new Error('one of its runs has not ended');
    for (const list of [this.commands, this.inputs, this.#reporters]) list.length = 0;
  }

  /** Number of runs at this moment. */
  get live(): number {
    return this.#live;
  }

  /** Sends a report as the run that started at `index`, or as the latest one. XState drops those of an ended run. */
  report(report: Report, index = this.#reporters.length - 1): void {
    const reporter = this.#reporters[index];
    if (!reporter) throw new Error(`there is no run ${index} of this adapter`);
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
