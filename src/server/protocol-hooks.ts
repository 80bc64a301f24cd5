/** Calls the hooks of protocols for the start and the stop of the server. */
import type { Protocol } from '../api/protocol.ts';
import { callUser } from '../api/user-call.ts';

type Hooked = Pick<Protocol, 'name' | 'version' | 'onServerStart' | 'onServerStop'>;

export class ProtocolHooks {
  readonly #protocols: readonly Hooked[];
  readonly #onFault: (error: unknown, where: string) => void;
  #isStarted = false;

  constructor(protocols: readonly Hooked[], onFault: (error: unknown, where: string) => void) {
    this.#protocols = protocols;
    this.#onFault = onFault;
  }

  start(): void {
    this.#isStarted = true;
    this.#call('onServerStart');
  }

  /** Calls nothing when the server has not run. */
  stop(): void {
    if (this.#isStarted) this.#call('onServerStop');
  }

  #call(hook: 'onServerStart' | 'onServerStop'): void {
    for (const protocol of this.#protocols) {
      const where = `${hook} of ${protocol.name}/${protocol.version}`;
      callUser(
        () => protocol[hook]?.(),
        (error) => this.#onFault(error, where),
      );
    }
  }
}
