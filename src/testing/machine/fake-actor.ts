/** An adapter that does nothing by itself: it records its commands and sends the reports of the test. */
import { type CallbackActorLogic, type EventObject, fromCallback } from 'xstate';

/**
 * Takes the place of an actor that a machine invokes. The machine may invoke it again and again; each time is a run.
 *
 * @typeParam Command What the machine sends to it.
 * @typeParam Report What it may send to the machine.
 * @typeParam Input What the machine starts it with.
 */
export class FakeActor<Command extends EventObject, Report extends EventObject, Input> {
  /** For `provide({ actors: { … } })` of the machine. */
  readonly logic: CallbackActorLogic<Command, Input>;
  /** Of all runs, in order. */
  readonly commands: Command[] = [];
  /** What each run was started with. */
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

  /**
   * Drops the records of ended runs, so that long tests do not collect them.
   *
   * @throws {Error} A run has not ended.
   */
  forget(): void {
    if (this.#live > 0) throw new Error('one of its runs has not ended');
    for (const list of [this.commands, this.inputs, this.#reporters]) list.length = 0;
  }

  /** Number of runs at this moment. */
  get live(): number {
    return this.#live;
  }

  /**
   * Sends a report to the machine.
   *
   * @param index The run that sends it, from 0; the latest one unless given. XState drops reports of an ended run.
   * @throws {Error} There is no such run: the machine has not invoked this actor so often.
   */
  report(report: Report, index = this.#reporters.length - 1): void {
    const reporter = this.#reporters[index];
    if (!reporter) throw new Error(`there is no run ${index} of this adapter`);
    reporter(report);
  }
}
