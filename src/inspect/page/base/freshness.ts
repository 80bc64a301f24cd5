/** Whether the page shows live data, in a word or two. */

import { READS_PROTOCOL } from '../model/frame-reading.ts';
import type { Store } from '../model/store.ts';
import type { Connectivity } from './session.ts';

export type Freshness = {
  readonly state: Connectivity;
  readonly words: string;
  /** A sentence or two for people; empty when the page is live. */
  readonly notice: string;
};

/** @param advice How to get a session; used when `signedOut`. */
export function freshnessOf(store: Store, connectivity: Connectivity, advice = ''): Freshness {
  const { about, hz, views } = store;
  if (about && about.protocol !== READS_PROTOCOL)
    return {
      state: 'stopped',
      words: 'wrong version',
      notice: `The node sends version ${about.protocol} of the inspector protocol; this page reads version ${READS_PROTOCOL}. Reload the page.`,
    };
  switch (connectivity) {
    case 'live':
      return { state: 'live', words: `live, ${hz} Hz`, notice: '' };
    case 'connecting':
      return { state: 'connecting', words: 'connecting', notice: '' };
    case 'reconnecting': {
      // the server closes the stream after this last frame
      if (views && /^(stopping|stopped)/.test(views.server.state))
        return {
          state: 'stopped',
          words: 'stopped',
          notice: 'The node has stopped. The page shows its last state.',
        };
      return {
        state: 'reconnecting',
        words: 'reconnecting',
        notice: about
          ? 'The node does not answer. The page shows its last state. After a restart, copy the new link from the terminal.'
          : 'The node does not answer. After a restart, copy the new link from the terminal.',
      };
    }
    case 'paused':
      return {
        state: 'paused',
        words: 'paused',
        notice: 'Paused: this page does not change. The node and its recorder keep running.',
      };
    case 'hidden':
      return { state: 'paused', words: 'hidden', notice: '' };
    case 'stopped':
      return { state: 'stopped', words: 'stopped', notice: 'The node has stopped.' };
    case 'signedOut':
      return {
        state: 'stopped',
        words: 'no session',
        notice: about ? `${advice} The page shows its last state.` : '',
      };
    case 'file':
      return { state: 'file', words: 'recording', notice: '' };
  }
}
