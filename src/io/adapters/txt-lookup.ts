/** TXT records of the name servers of this system. */
import { Resolver } from 'node:dns/promises';

import { TXT_TIMEOUT_MS, type TxtResolver } from '../discovery/txt-queries.ts';

/** The system's own without `nameServers`, which are for tests. */
export const lookUpTxtIn =
  (nameServers?: readonly string[]): TxtResolver =>
  async (name, { signal }) => {
    const resolver = new Resolver({ timeout: TXT_TIMEOUT_MS, tries: 1 }); // one for each query, to be cancelled alone
    if (nameServers) resolver.setServers(nameServers);
    signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    return resolver.resolveTxt(name);
  };

export const lookUpTxt = lookUpTxtIn();
