/** Requests to the run loop, and promises of its answers. What it decides is in `machines/server/server.ts`. */
import type { Actor } from 'xstate';
import { ServerError } from '../api/server-error.ts';
import type { PeerSet } from '../machines/connection/connection.ts';
import { MAX_STATIC_NODES } from '../machines/dialing/dial-scheduler.ts';
import type { DialTarget } from '../machines/dialing/dial-task.ts';
import type { serverMachine } from '../machines/server/server.ts';
import type { ServerEmitted } from '../machines/server/server-events.ts';
import { phaseOf } from '../machines/server/server-phase.ts';
import { MAX_TRUSTED_NODES } from '../machines/server/server-setup.ts';

export type Emitted<Type extends ServerEmitted['type']> = Extract<ServerEmitted, { type: Type }>;

export class RunLoopClient {
  readonly #actor: Actor<typeof serverMachine>;
  #requests = 0;

  constructor(actor: Actor<typeof serverMachine>) {
    this.#actor = actor;
  }

  /** @throws {ServerError} `notRunning`. */
  assertRunning(): void {
    if (phaseOf(this.#actor.getSnapshot()) !== 'running') throw notRunning();
  }

  /** @throws {ServerError} `tooManyStatic`. */
  keep(target: DialTarget): void {
    const scheduler = this.#actor.getSnapshot().children.dialScheduler;
    const statics = scheduler?.getSnapshot().context.statics ?? new Set<string>();
    if (!statics.has(target.id) && statics.size >= MAX_STATIC_NODES)
      throw new ServerError(
        'tooManyStatic',
        `at most ${MAX_STATIC_NODES} nodes can be kept connected: remove one first`,
      );
    this.#actor.send({ type: 'static.add', target });
  }

  /** Whether this id is exempt from the limits, connected or not. */
  trusts(id: string): boolean {
    return this.#actor.getSnapshot().context.trusted.has(id);
  }

  /** @throws {ServerError} `tooManyTrusted`. */
  trust(id: string): void {
    if (!this.trusts(id) && this.#actor.getSnapshot().context.trusted.size >= MAX_TRUSTED_NODES)
      throw new ServerError(
        'tooManyTrusted',
        `at most ${MAX_TRUSTED_NODES} nodes can be trusted: remove one first`,
      );
    this.#actor.send({ type: 'trusted.add', id });
  }

  /** Calls `use` once with the peer set; the set does not change before its first `await`. @throws {ServerError} `notRunning`. */
  async ask<Result>(use: (peers: PeerSet) => Result): Promise<Awaited<Result>> {
    this.assertRunning();
    this.#requests += 1;
    const requestId = this.#requests;
    const answer = this.until(
      ['peers.snapshot', 'peers.unavailable', 'stopped'],
      (event) => event.type === 'stopped' || event.requestId === requestId,
      (event) => {
        if (event.type !== 'peers.snapshot') throw notRunning();
        return use(event.peers);
      },
    );
    this.#actor.send({ type: 'peers.request', requestId });
    return await answer;
  }

  /** Resolves when the id is not in the set. @throws {ServerError} `notRunning`. */
  async remove(id: string): Promise<void> {
    this.#actor.send({ type: 'peer.remove', id });
    await this.ask((peers) => (peers.has(id) ? this.#untilRemoved(id) : null)); // is handled after the removal
  }

  /**
   * The next emitted event of one of these types for which `where` holds. Rejects when the server fails.
   * @param use Makes the result, while the event is emitted.
   */
  until<Type extends ServerEmitted['type'], Result = Emitted<Type>>(
    types: readonly Type[],
    where: (event: Emitted<Type>) => boolean = () => true,
    use: (event: Emitted<Type>) => Result = (event) => event as Result,
  ): Promise<Awaited<Result>> {
    return new Promise<Result>((resolve, reject) => {
      const subscriptions = types.map((type) =>
        this.#actor.on(type, (event) => {
          if (!where(event as Emitted<Type>)) return;
          for (const subscription of subscriptions) subscription.unsubscribe();
          try {
            resolve(use(event as Emitted<Type>));
          } catch (error) {
            reject(error);
          }
        }),
      );
      subscriptions.push(this.#actor.subscribe({ error: reject }));
    }) as Promise<Awaited<Result>>;
  }

  #untilRemoved(id: string): Promise<unknown> {
    return this.until(
      ['peer.removed', 'stopped'],
      (event) => event.type === 'stopped' || event.entry.id === id,
    );
  }
}

const notRunning = (): ServerError => new ServerError('notRunning', 'the server is not running');
