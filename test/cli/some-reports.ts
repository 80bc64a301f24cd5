/** Things a server might tell, for the tests of how they are told. */

import type { EndedConnection } from '../../src/api/endings.ts';
import type { Peer } from '../../src/api/peer.ts';
import type { Explained } from '../../src/api/server-events.ts';
import { explained, NO_EFFORT } from '../support/explained.ts';

export const ID = '0123456789abcdef'.repeat(4);
export const PUBLIC_KEY = 'ab'.repeat(64);

/** Clears the screen, turns text around, breaks a line, and ends with half a character. */
export const NASTY = 'x\u001b[2J\u202e\r\n\u0000\ud800';
export const TAMED = 'x\\u{1b}[2J\\u{202e}\\u{d}\\u{a}\\u{0}\\u{d800}';

export const somePeer: Peer = {
  id: ID,
  publicKey: PUBLIC_KEY,
  client: 'Geth/v1.15.0',
  capabilities: [
    { name: 'eth', version: 68 },
    { name: 'eth', version: 69 },
  ],
  protocols: ['eth/69'],
  direction: 'static',
  trusted: false,
  remote: { host: '192.0.2.1', port: 30303 },
  local: { host: '192.0.2.2', port: 50000 },
  disconnect: () => {},
};

export const someEnded: EndedConnection & Explained = explained({
  type: 'ended',
  connectionId: '7',
  direction: 'inbound',
  remote: { host: '2001:db8::1', port: 4000 },
  outcome: 'failed',
  state: 'failed.connectionClosed',
  facts: {},
  identity: {},
  trail: ['encHandshake.awaitingAuth', 'failed.connectionClosed'],
  trailMs: [0, 7],
  ...NO_EFFORT,
  ms: 7,
});
