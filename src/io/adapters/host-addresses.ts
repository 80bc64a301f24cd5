/** The addresses of a host name as a promise, for those who wait for nothing else. */
import type { LookUp } from './host-lookup.ts';
import { lookUpHost } from './host-lookup.ts';

/** Rejects with an `Error` that says why, also when `signal` is aborted. */
export const lookUpAddressesBy =
  (lookUp: LookUp) =>
  (name: string, signal: AbortSignal): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error('cancelled'));
      const onAbort = (): void => {
        cancel();
        reject(new Error('cancelled'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const cancel = lookUp(name, (answer) => {
        signal.removeEventListener('abort', onAbort);
        if ('addresses' in answer) resolve(answer.addresses);
        else reject(new Error(answer.detail));
      });
    });

export const lookUpAddresses = lookUpAddressesBy(lookUpHost);
