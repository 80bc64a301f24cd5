/** A resolver of TXT records that reads a map instead of asking DNS. */
import type { TxtResolver } from '../../io/discovery/txt-queries.ts';
import type { Clock } from '../../io/process/clock.ts';

/** For the `txtResolver` port of a server. Answers after 0 ms; names that are not in the map do not exist. */
export const memoryTxtResolver =
  (clock: Clock, texts: ReadonlyMap<string, string>): TxtResolver =>
  (name, { signal }) =>
    new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        const text = texts.get(name);
        if (text === undefined)
          reject(Object.assign(new Error(`ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
        else resolve([[text]]);
      }, 0);
      signal.addEventListener('abort', () => clock.clearTimeout(timer));
    });
