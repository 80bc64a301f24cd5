/** Those who look at a server while it lives. Each is loaded when somebody wants it, and closed with the server. */

import { ServerError } from '../api/server-error.ts';
import type { InspectOptions, Inspector } from '../inspect/inspector.ts';
import type { Recording, RecordOptions } from '../inspect/recording/server-recording.ts';
import type { Observation } from './observation.ts';

export type { InspectOptions, Inspector } from '../inspect/inspector.ts';
export type { Recording, RecordOptions } from '../inspect/recording/server-recording.ts';

export class Attachments {
  readonly #subject: Observation;
  /** Those that were opened; to close one again does nothing. */
  readonly #open = new Set<AsyncDisposable>();

  constructor(subject: Observation) {
    this.#subject = subject;
  }

  /** @throws {TypeError} Names each option that is wrong. @throws {ServerError} `inspectFailed` or `stopped`. */
  async inspect(options?: InspectOptions): Promise<Inspector> {
    this.#assertAlive();
    const { openInspector } = await import('../inspect/inspector.ts');
    return this.#keep(await openInspector(this.#subject, options));
  }

  /** @throws {TypeError} An option is wrong. @throws {RecordingError} @throws {ServerError} `stopped`. */
  async record(path: string, options?: RecordOptions): Promise<Recording> {
    this.#assertAlive();
    const { record } = await import('../inspect/recording/server-recording.ts');
    return this.#keep(await record(this.#subject, path, options));
  }

  /** Closes everybody: with a server that stops. */
  async leave(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((onlooker) => onlooker[Symbol.asyncDispose]()));
  }

  async #keep<Onlooker extends AsyncDisposable>(onlooker: Onlooker): Promise<Onlooker> {
    this.#open.add(onlooker);
    if (this.#isOver()) await this.leave(); // it has ended in the meantime
    this.#assertAlive();
    return onlooker;
  }

  #assertAlive(): void {
    if (this.#isOver()) throw new ServerError('stopped', 'a stopped server has nothing to show');
  }

  #isOver(): boolean {
    return this.#subject.server.actor.getSnapshot().status !== 'active';
  }
}
