/** Calls functions that users gave us. Their errors are reported, never thrown on and never an unhandled rejection. */

/** @param onFault Gets what `call` throws, or what the promise that it returns rejects with. */
export function callUser(call: () => unknown, onFault: (error: unknown) => void): void {
  try {
    reportRejection(call(), onFault);
  } catch (error) {
    onFault(error);
  }
}

/** @param onFault Gets what `result` rejects with, if it is a promise. */
export function reportRejection(result: unknown, onFault: (error: unknown) => void): void {
  if (isThenable(result)) Promise.resolve(result).then(undefined, onFault);
}

/** True for promises and everything that `await` treats as one. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null &&
  (typeof value === 'object' || typeof value === 'function') &&
  typeof (value as { readonly then?: unknown }).then === 'function';
