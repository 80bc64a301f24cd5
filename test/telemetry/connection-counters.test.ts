import { describe, expect, test } from 'vitest';
import type { DroppedPeer, EndedConnection, FailedDial } from '../../src/api/endings.ts';
import { EventFeed } from '../../src/api/event-feed.ts';
import type { Peer, PeerEnding } from '../../src/api/peer.ts';
import type { Explained, ServerEvents } from '../../src/api/server-events.ts';
import type { Direction } from '../../src/machines/connection/connection.ts';
import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../src/machines/connection/connection-endings.ts';
import { DIAL_FAILURES, type DialFailure } from '../../src/machines/dialing/dial-failures.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../src/machines/peer/peer-endings.ts';
import { ConnectionCounters, LASTING_MS } from '../../src/telemetry/connection-counters.ts';
import { StepClock } from '../support/step-clock.ts';

/** A server that only says what a test tells it to say. */
function newTallies() {
  const clock = new StepClock();
  const faults: unknown[] = [];
  const feed = new EventFeed<ServerEvents>((error) => faults.push(error));
  const peers: Peer[] = [];
  const pending: Direction[] = [];
  let churn: (direction: Direction | null) => void = () => {};
  const tallies = new ConnectionCounters({
    clock,
    peers: () => peers,
    pending: () => pending,
    onChurn: (listener) => {
      churn = listener;
    },
    on: (type, listener) => feed.on(type, listener),
  });
  const add = (direction: Direction): Peer => {
    const peer = { direction } as Peer;
    peers.push(peer);
    feed.emit({ type: 'add', peer });
    return peer;
  };
  const drop = (
    peer: Peer,
    outcome: PeerEnding['outcome'] = 'rejected',
    state = 'ending.rejected.requested',
  ) => {
    peers.splice(peers.indexOf(peer), 1);
    feed.emit({ type: 'drop', ...({ peer, outcome, state } as DroppedPeer & Explained) });
  };
  const end = (direction: Direction, state: string, trail: readonly string[] = []) =>
    feed.emit({ type: 'ended', ...({ direction, state, trail } as EndedConnection & Explained) });
  const failDial = (state: DialFailure) =>
    feed.emit({ type: 'dialFailed', ...({ state } as FailedDial & Explained) });
  return {
    tallies,
    clock,
    faults,
    pending,
    add,
    drop,
    end,
    failDial,
    churn: (of: Direction | null) => churn(of),
  };
}

const counted = (counts: ReadonlyMap<string, number>) =>
  Object.fromEntries([...counts].filter(([, count]) => count > 0));

/** Every bucket of go-ethereum that a table of ours names. */
const OURS = {
  saturated: 'saturated',
  known: 'known',
  self: 'self',
  useless: 'useless',
  'id/unexpected': 'unexpectedIdentity',
  'rlpx/enc': 'encHandshake',
  'rlpx/proto': 'protoHandshake',
  rlpx: 'encHandshake', // without a trail, it ended where every connection begins
  other: 'other',
};

describe.for(['inbound', 'static', 'dynamic'] as const)('an ended %s connection', (direction) => {
  type Table = Readonly<Record<string, { readonly metric: keyof typeof OURS }>>;
  const tables: Record<string, Table> = {
    rejected: REJECTIONS,
    refused: REFUSALS,
    failed: FAILURES,
  };
  const side = direction === 'inbound' ? 'inbound' : 'outbound';

  test.for(
    Object.entries(tables).flatMap(([parent, table]) =>
      Object.entries(table).map(([reason, { metric }]) => [`${parent}.${reason}`, metric] as const),
    ),
  )('%s is counted as %s', ([state, metric]) => {
    const { tallies, end } = newTallies();
    end(direction, state);
    expect(counted(tallies.errors[side])).toEqual({ [OURS[metric]]: 1 });
    expect([tallies.attempts(side), tallies.successes[side]]).toEqual([1, 0]);
  });
});

test.for([
  ['encHandshake.awaitingAck', 'encHandshake'],
  ['protoHandshake', 'protoHandshake'],
  ['postHandshakeCheckpoint', 'other'],
  ['addPeerCheckpoint.asking', 'other'],
] as const)('a connection that is lost in %s is counted as %s', ([during, metric]) => {
  const { tallies, end } = newTallies();
  end('dynamic', 'failed.connectionReset', ['encHandshake', during, 'failed.connectionReset']);
  expect(counted(tallies.errors.outbound)).toEqual({ [metric]: 1 });
});

test('every reason is present from the start, and only dials fail to connect', () => {
  const { errors } = newTallies().tallies;
  expect([...errors.inbound.keys()]).toEqual([...new Set(Object.values(OURS))]);
  expect([...errors.outbound.keys()]).toEqual([...new Set(Object.values(OURS)), 'connection']);
});

describe('a dial that fails', () => {
  const AT_CONNECTING = [
    'connectionRefused',
    'unreachable',
    'connectTimeout',
    'lostAtOnce',
    'connectFailed',
  ];

  test.for(Object.keys(DIAL_FAILURES) as DialFailure[])('with %s', (state) => {
    const { tallies, failDial } = newTallies();
    failDial(state);
    const isCounted = AT_CONNECTING.includes(state);
    expect(counted(tallies.errors.outbound)).toEqual(isCounted ? { connection: 1 } : {});
    expect(tallies.attempts('outbound')).toBe(isCounted ? 1 : 0);
  });
});

describe('a drop', () => {
  const tables = {
    rejected: ['ending.rejected', PEER_REJECTIONS],
    refused: ['ending.refused', PEER_REFUSALS],
    failed: ['ending.failed', PEER_FAILURES],
  } as const;

  test.for(Object.keys(tables) as (keyof typeof tables)[])(
    'that was %s is counted by reason',
    (outcome) => {
      const { tallies, add, drop } = newTallies();
      const [parent, table] = tables[outcome];
      const reasons = Object.keys(table);
      expect([...tallies.disconnects[outcome]]).toEqual(reasons.map((reason) => [reason, 0]));
      for (const reason of reasons) drop(add('inbound'), outcome, `${parent}.${reason}`);
      expect([...tallies.disconnects[outcome]]).toEqual(reasons.map((reason) => [reason, 1]));
    },
  );

  test('of a peer whose actor was stopped early is counted too', () => {
    const { tallies, add, drop } = newTallies();
    drop(add('inbound'), 'failed', 'ending.failed.internalError');
    expect(counted(tallies.disconnects.failed)).toEqual({ internalError: 1 });
  });
});

test('peers that made room are counted by direction, and the times that none did', () => {
  const { tallies, churn } = newTallies();
  for (const direction of ['inbound', 'dynamic', 'inbound', null] as const) churn(direction);
  expect([...tallies.churn]).toEqual([
    ['inbound', 2],
    ['outbound', 1],
    ['skipped', 1],
  ]);
});

test('attempts are the connections in setup, the failed ones and the peers', () => {
  const { tallies, pending, add, drop, end, failDial } = newTallies();
  pending.push('inbound', 'static', 'dynamic');
  end('inbound', 'failed.aborted');
  end('dynamic', 'failed.aborted');
  failDial('unreachable');
  drop(add('static'));
  expect([tallies.attempts('inbound'), tallies.attempts('outbound')]).toEqual([2, 5]);
});

test('a peer counts as lasting from its 60th second on, also after it was dropped', () => {
  const { tallies, clock, add, drop } = newTallies();
  const lasting = () => [tallies.lasting('inbound'), tallies.lasting('outbound')];
  const [short, long] = [add('inbound'), add('inbound')];
  add('static');
  clock.advance(LASTING_MS - 1);
  drop(short);
  expect(lasting()).toEqual([0, 0]);
  clock.advance(1);
  expect(lasting()).toEqual([1, 1]);
  drop(long);
  expect(lasting()).toEqual([1, 1]);
  expect(LASTING_MS).toBe(60_000);
});
