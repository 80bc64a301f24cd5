import { describe, expect, test } from 'vitest';

import { EventFeed } from '../../src/api/event-feed.ts';
import type { ServerEvents } from '../../src/api/server-events.ts';
import { carryOut, reportEnding, type ServerParts } from '../../src/server/carry-out.ts';
import { ending } from '../support/server-run.ts';

type LookupWanted = Parameters<ServerParts['discoveries']['startLookup']>[0];

/** Records which parts were asked for what. */
function stage(address: object | null = { host: '127.0.0.1', port: 1 }) {
  const asked: string[] = [];
  const feed = new EventFeed<ServerEvents>(() => {});
  const events: unknown[] = [];
  for (const type of ['lost', 'restored', 'drop', 'ended'] as const)
    feed.on(type, (event) => events.push(event));
  const parts = {
    feed,
    connections: {
      abort: () => asked.push('connections.abort'),
      destroy: () => asked.push('connections.destroy'),
      peers: { get: () => undefined },
    },
    discoveries: {
      addressOf: () => address,
      abort: () => asked.push('discovery.abort'),
      destroy: () => asked.push('discovery.destroy'),
      startLookup: ({ version, lookupId }: LookupWanted) =>
        asked.push(`${version}: lookup ${lookupId}`),
    },
    circumstances: { of: () => ({ offersNothing: false }), peerEnded: () => {} },
  } as unknown as ServerParts;
  return { asked, events, parts };
}

describe('what the server machine emits', () => {
  test('ends lookups with the connections in setup', () => {
    const { asked, parts } = stage();
    carryOut({ type: 'pending.aborted' }, parts);
    carryOut({ type: 'connections.destroyed' }, parts);
    expect(asked).toEqual([
      'discovery.abort',
      'connections.abort',
      'discovery.destroy',
      'connections.destroy',
    ]);
  });

  test('starts the lookups of discovery', () => {
    const { asked, parts } = stage();
    carryOut({ type: 'lookup.wanted', version: 'v4', lookupId: 3, target: null }, parts);
    carryOut({ type: 'lookup.wanted', version: 'v5', lookupId: 3, target: null }, parts);
    expect(asked).toEqual(['v4: lookup 3', 'v5: lookup 3']);
  });

  test('reports a lost part, and the address of a restored one', () => {
    const { events, parts } = stage();
    const lost = { part: 'discovery', message: 'EBADF', retryInMs: 1_000 } as const;
    carryOut({ type: 'part.lost', ...lost }, parts);
    carryOut({ type: 'discovery.restored', version: 'v4' }, parts);
    carryOut({ type: 'discovery.restored', version: 'v5' }, parts);
    carryOut({ type: 'listener.restored', address: { host: '::1', port: 2 } }, parts);
    expect(events).toEqual([
      { type: 'lost', ...lost },
      { type: 'restored', part: 'discovery', address: { host: '127.0.0.1', port: 1 } },
      { type: 'restored', part: 'discoveryV5', address: { host: '127.0.0.1', port: 1 } },
      { type: 'restored', part: 'listener', address: { host: '::1', port: 2 } },
    ]);
  });

  test('reports nothing of a socket that was closed meanwhile, and of a peer that was never announced', () => {
    const { events, parts } = stage(null);
    carryOut({ type: 'discovery.restored', version: 'v4' }, parts);
    const entry = { connectionId: '1', id: 'a', subnet: null, trusted: false } as const;
    carryOut({ type: 'peer.removed', entry: { ...entry, direction: 'inbound' }, ending }, parts);
    expect(events).toEqual([]);
  });
});

test('an ending is reported with its explanation', () => {
  const { events, parts } = stage();
  const ended = {
    type: 'ended',
    direction: 'inbound',
    outcome: 'failed',
    state: 'failed.connectionClosed',
    facts: {},
    trail: ['encHandshake.awaitingAuth', 'failed.connectionClosed'],
    trailMs: [0, 5],
    ms: 5,
    identity: { id: null, client: null },
    remote: { host: '192.0.2.1', port: 1 },
  };
  reportEnding(ended as unknown as Parameters<typeof reportEnding>[0], null, parts);
  expect(events).toMatchObject([{ type: 'ended', explanation: { verdict: expect.any(String) } }]);
});
