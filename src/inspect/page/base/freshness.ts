/** How fresh what the page shows is, in a word or two. */

import type { Store } from '../model/store.ts';
import type { Connectivity } from './session.ts';

export type Freshness = {
  readonly state: Connectivity;
  readonly words: string;
  /** What a person should know, in a sentence or two; empty when all is well. */
  readonly notice: string;
};

/** Of ../protocol.ts: frames of another shape are not guessed at. */
const PROTOCOL = 1;

export function freshnessOf(store: Store, connectivity: Connectivity): Freshness {
  const { about, hz, views } = store;
  if (about && about.protocol !== PROTOCOL)
    return {
      state: 'stopped',
      words: 'other version',
      notice: `The node speaks version ${about.protocol} of the inspector's language and this page version ${PROTOCOL}. Reload the page.`,
    };
  switch (connectivity) {
    case 'live':
      return { state: 'live', words: `live, ${hz} Hz`, notice: '' };
    case 'connecting':
      return { state: 'connecting', words: 'connecting', notice: '' };
    case 'reconnecting': {
      // its last frame says so, and then it closes the stream
      if (views && /^(stopping|stopped)/.test(views.server.state))
        return {
          state: 'stopped',
          words: 'stopped',
          notice: 'The node has stopped. This is what it was like at the end.',
        };
      return {
        state: 'reconnecting',
        words: 'reconnecting',
        notice: about
          ? 'The node does not answer. This is what it was like; if it began anew, it has printed a new link.'
          : 'The node does not answer. If it began anew, it has printed a new link.',
      };
    }
    case 'paused':
      return {
        state: 'paused',
        words: 'paused',
        notice: 'Paused: nothing here changes. The node goes on, and so do its records.',
      };
    case 'hidden':
      return { state: 'paused', words: 'hidden', notice: '' };
    case 'stopped':
      return { state: 'stopped', words: 'stopped', notice: 'The node has stopped.' };
    case 'file':
      return { state: 'file', words: 'recording', notice: '' };
  }
}
