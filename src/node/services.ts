/** The services of one run of a node, in the order in which they were made. */
import { NodeError } from '../api/node-error.ts';
import type { Protocol } from '../api/protocol.ts';
import type { Service, ServiceContext, ServiceFactory, ServiceLookup } from './node-options.ts';

export class Services {
  readonly #made: { readonly factory: ServiceFactory; readonly service: Service }[] = [];

  /** @throws {NodeError} `duplicateService`. @throws {TypeError} It made no service. Rejects with what the factory throws. */
  async make(
    factory: ServiceFactory,
    context: Omit<ServiceContext, 'service'>,
    isLate: () => boolean,
  ): Promise<void> {
    const service = await factory({ ...context, service: this.find as ServiceLookup });
    const key: unknown = (service as Partial<Service> | undefined)?.key;
    if (typeof key !== 'string' || key === '')
      throw new TypeError('"key" of a service expected a text that is not empty');
    if (this.#made.some((other) => other.service.key === key))
      throw new NodeError('duplicateService', `two services have the key "${key}"`);
    if (!isLate()) this.#made.push({ factory, service });
  }

  /** @throws {RangeError} There are not so many. */
  at(index: number): Service {
    const made = this.#made[index];
    if (!made) throw new RangeError(`there is no service ${index}`);
    return made.service;
  }

  get protocols(): readonly Protocol[] {
    return this.#made.flatMap(({ service }) => service.protocols ?? []);
  }

  readonly find = (wanted: string | ServiceFactory): Service => {
    const found = this.#made.find(({ factory, service }) =>
      typeof wanted === 'string' ? service.key === wanted : factory === wanted,
    );
    if (found) return found.service;
    const what = typeof wanted === 'string' ? `the key "${wanted}"` : 'this factory';
    throw new NodeError('unknownService', `no running service has ${what}`);
  };
}
