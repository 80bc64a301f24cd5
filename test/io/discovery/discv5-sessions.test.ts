import { describe, expect, test } from 'vitest';
import type { Request } from '../../../src/io/discovery/discv5-requests.ts';
import {
  MAX_HANDSHAKES,
  MAX_SESSIONS,
  MAX_SESSIONS_PER_SOURCE,
  type Session,
  type SessionReport,
  type SessionRole,
  Sessions,
} from '../../../src/io/discovery/discv5-sessions.ts';

const ID = 'ab'.repeat(32);

describe('handshakes under way', () => {
  test('are one for each node, endpoint and role', () => {
    const { sessions, begin } = stage();
    const ours = begin(1, 'initiator');
    const theirs = begin(1, 'recipient');
    const other = begin(2, 'recipient');
    expect(sessions.handshakes).toBe(3);
    expect(sessions.handshakeOf(placeOf(1), 'initiator')).toBe(ours.session);
    expect(sessions.handshakeOf(placeOf(1), 'recipient')).toBe(theirs.session);
    expect(sessions.find(other.session.target)).toBe(other.session);
    expect([ours, theirs, other].flatMap(({ reports }) => reports)).toEqual([]);
  });

  test('are replaced by a later one of the same role, which alone is found', () => {
    const { sessions, begin } = stage();
    const first = begin(1, 'recipient');
    const second = begin(1, 'recipient');
    expect(first.reports).toEqual([{ type: 'session.replaced' }]);
    expect([sessions.find(first.session.target), sessions.handshakes]).toEqual([null, 1]);
    sessions.remove(first.session);
    expect(sessions.find(second.session.target)).toBe(second.session);
  });

  test('are 512 at most, and never push out keys', () => {
    const { sessions, begin } = stage();
    const { session } = begin(1, 'recipient');
    sessions.keep(session);
    const all = Array.from({ length: MAX_HANDSHAKES + 3 }, (_, index) =>
      begin(10 + index, 'recipient'),
    );
    expect(sessions.handshakes).toBe(MAX_HANDSHAKES);
    expect(all.map(({ reports }) => reports.length)).toEqual(all.map((_, at) => (at < 3 ? 1 : 0)));
    expect(all[0]?.reports).toEqual([{ type: 'session.evicted' }]);
    expect([sessions.newest(placeOf(1)), sessions.size]).toEqual([session, 1]);
  });
});

describe('keys', () => {
  test('of both roles are kept for one endpoint, and the newest seal', () => {
    const { sessions, begin } = stage();
    const ours = begin(1, 'initiator');
    const theirs = begin(1, 'recipient');
    sessions.keep(ours.session);
    sessions.keep(theirs.session);
    expect([sessions.size, sessions.handshakes]).toEqual([1, 0]);
    expect(sessions.newest(placeOf(1))).toBe(theirs.session);
    expect(sessions.openers(placeOf(1))).toEqual([theirs.session, ours.session]);
  });

  test('are replaced by later ones of the same role', () => {
    const { sessions, begin } = stage();
    const [first, other, second] = [
      begin(1, 'initiator'),
      begin(1, 'recipient'),
      begin(1, 'initiator'),
    ];
    for (const { session } of [first, other, second]) sessions.keep(session);
    expect(first.reports.at(-1)).toEqual({ type: 'session.replaced' });
    expect(other.reports).toEqual([]);
    expect(sessions.openers(placeOf(1))).toEqual([second.session, other.session]);
  });

  test('of our handshake open a message before the node has shown that it has them', () => {
    const { sessions, begin } = stage();
    const { session } = begin(1, 'initiator');
    expect(sessions.openers(placeOf(1))).toEqual([]);
    session.keys = keys();
    expect(sessions.openers(placeOf(1))).toEqual([session]);
    expect(sessions.newest(placeOf(1))).toBe(null);
  });

  test('are overwritten when they are forgotten', () => {
    const { sessions, begin } = stage();
    const { session } = begin(1, 'recipient');
    const { readKey, writeKey } = keys();
    session.keys = { readKey, writeKey };
    sessions.keep(session);
    sessions.remove(session);
    sessions.remove(session);
    expect([readKey, writeKey]).toEqual([new Uint8Array(16), new Uint8Array(16)]);
    expect([session.keys, session.isOver, sessions.size]).toEqual([null, true, 0]);
  });

  test('of the other role stay when the newest are forgotten', () => {
    const { sessions, begin } = stage();
    const ours = begin(1, 'initiator');
    const theirs = begin(1, 'recipient');
    sessions.keep(ours.session);
    sessions.keep(theirs.session);
    sessions.remove(theirs.session);
    expect([sessions.newest(placeOf(1)), sessions.size]).toEqual([ours.session, 1]);
  });

  test('of 1,024 endpoints are kept; those that were used longest ago leave first, overwritten', () => {
    const { sessions, begin } = stage();
    const all = Array.from({ length: MAX_SESSIONS }, (_, index) => {
      const begun = begin(1 + index, 'recipient');
      begun.session.keys = keys();
      sessions.keep(begun.session);
      return begun;
    });
    sessions.newest(placeOf(1)); // a use
    sessions.keep(begin(5_000, 'recipient').session);
    expect(sessions.size).toBe(MAX_SESSIONS);
    expect(all[0]?.reports).toEqual([]);
    expect(all[1]?.reports).toEqual([{ type: 'session.evicted' }]);
    expect(all[1]?.session.keys).toBe(null);
  });
});

test('K15: one IPv4 address or IPv6 /64 has keys of 256 endpoints at most, and pushes out only its own', () => {
  const { sessions, begin } = stage();
  const other = begin(1, 'recipient', '46.0.0.2');
  sessions.keep(other.session);
  const all = Array.from({ length: MAX_SESSIONS_PER_SOURCE + 3 }, (_, index) => {
    const begun = begin(1 + index, 'recipient', `2a00:1:2:3::${index + 1}`);
    sessions.keep(begun.session);
    return begun;
  });
  expect(sessions.size).toBe(MAX_SESSIONS_PER_SOURCE + 1);
  expect(all.map(({ reports }) => reports.length)).toEqual(all.map((_, at) => (at < 3 ? 1 : 0)));
  expect([all[0]?.reports, other.reports]).toEqual([[{ type: 'session.evicted' }], []]);
});

test('the end reports to all of them, and forgets them', () => {
  const { sessions, begin } = stage();
  const kept = begin(1, 'recipient');
  sessions.keep(kept.session);
  const begun = begin(2, 'initiator');
  sessions.close();
  for (const { reports, session } of [kept, begun])
    expect([reports, session.isOver]).toEqual([[{ type: 'session.gone' }], true]);
  expect([sessions.size, sessions.handshakes]).toEqual([0, 0]);
});

const placeOf = (port: number, host = hostOf(port)) => ({ id: ID, endpoint: { host, port } });
const hostOf = (port: number): string => `46.1.${port >> 8}.${port & 255}`;
const keys = () => ({
  readKey: new Uint8Array(16).fill(1),
  writeKey: new Uint8Array(16).fill(2),
});

function stage() {
  const sessions = new Sessions();
  const begin = (port: number, role: SessionRole, host?: string) => {
    const reports: SessionReport[] = [];
    const steps: Session['steps'] =
      role === 'initiator'
        ? { role, request: {} as Request, challenge: null }
        : { role, nonce: new Uint8Array(12), challenge: null, handshake: null, waiting: [] };
    const session = sessions.begin(placeOf(port, host), steps, null);
    session.report = (report) => {
      reports.push(report);
      // as the chart does at its end
      if (report.type === 'session.replaced' || report.type === 'session.evicted')
        sessions.remove(session);
    };
    return { session, reports };
  };
  return { sessions, begin };
}
