/** Inspectors, recordings and the like, closed with the server. It knows none of them: they are given as functions. */
import { ServerError } from '../api/server-error.ts';
import type { Observation } from './observation.ts';

/** Makes an attachment of what it is given; the server disposes of it when it stops. */
export type OpenAttachment<Attachment extends AsyncDisposable> = (
  observation: Observation,
) => Attachment | Promise<Attachment>;

export class Attachments {
  readonly #observation: Omit<Observation, 'onClosed'>;
  /** Those that have not said that they are closed; closing twice does nothing. */
  readonly #open = new Set<AsyncDisposable>();
  /** How often `close` was called: what was being opened meanwhile comes too late. */
  #closings = 0;

  constructor(observation: Omit<Observation, 'onClosed'>) {
    this.#observation = observation;
  }

  /** @throws {ServerError} `stopped`. Rejects with what `open` throws. */
  async attach<Attachment extends AsyncDisposable>(
    open: OpenAttachment<Attachment>,
  ): Promise<Attachment> {
    if (this.#hasStopped()) throw stopped();
    const closings = this.#closings;
    let isClosed = false;
    let attachment: Attachment | null = null;
    const onClosed = (): void => {
      isClosed = true;
      if (attachment) this.#open.delete(attachment);
    };
    attachment = await open({ ...this.#observation, onClosed });
    if (this.#hasStopped() || this.#closings !== closings) {
      await this.#dispose(attachment);
      throw stopped();
    }
    if (!isClosed) this.#open.add(attachment);
    return attachment;
  }

  /** Closes all of them. One that fails to close is logged, and does not keep the others open. */
  async close(): Promise<void> {
    this.#closings += 1;
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((attachment) => this.#dispose(attachment)));
  }

  async #dispose(attachment: AsyncDisposable): Promise<void> {
    try {
      await attachment[Symbol.asyncDispose]();
    } catch (error) {
      this.#observation.onFault(error, 'closing an attachment');
    }
  }

  #hasStopped(): boolean {
    return this.#observation.server.actor.getSnapshot().status !== 'active';
  }
}

const stopped = (): ServerError =>
  new ServerError('stopped', 'nothing can be attached to a stopped server');
