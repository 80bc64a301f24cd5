import { describe, expect, test } from 'vitest';
import type {
  Candidate,
  Direction,
  PeerEntry,
} from '../../../src/machines/connection/connection.ts';
import { rivalOf } from '../../../src/machines/connection/crossed-dials.ts';

const connection = (connectionId: string, direction: Direction, id = 'b'): Candidate => ({
  connectionId,
  direction,
  id,
  subnet: null,
});

/** @returns the connection it has to wait for. */
function rival(
  self: string,
  asking: Candidate,
  others: { peer?: Candidate; pending?: Candidate[] },
) {
  const { peer, pending = [] } = others;
  const peers = new Map<string, PeerEntry>(peer ? [[peer.id, { ...peer, trusted: false }]] : []);
  const all = [asking, ...pending].map((each) => [each.connectionId, each] as const);
  return rivalOf(asking, { self, peers, pending: new Map(all) })?.connectionId ?? null;
}

describe('a connection that asks to be a peer waits for', () => {
  const ours = connection('ours', 'static');
  const theirs = connection('theirs', 'inbound');
  const cases: [
    sentence: string,
    self: string,
    asking: Candidate,
    others: { peer?: Candidate; pending?: Candidate[] },
    rival: string | null,
  ][] = [
    ['none when it is alone', 'a', ours, {}, null],
    [
      'a peer that crosses it, even when it is preferred itself',
      'a',
      ours,
      { peer: theirs },
      'theirs',
    ],
    ['a peer that crosses it and is preferred', 'c', ours, { peer: theirs }, 'theirs'],
    ['no peer that came the same way', 'a', theirs, { peer: connection('old', 'inbound') }, null],
    ['no peer of another id', 'a', ours, { peer: connection('other', 'inbound', 'x') }, null],
    ['the dial of the lower id: theirs', 'c', ours, { pending: [theirs] }, 'theirs'],
    ['the dial of the lower id: ours', 'a', theirs, { pending: [ours] }, 'ours'],
    ['not for the dial of the higher id: theirs', 'a', ours, { pending: [theirs] }, null],
    ['not for the dial of the higher id: ours', 'c', theirs, { pending: [ours] }, null],
    ['dynamic dials as well', 'a', theirs, { pending: [connection('d', 'dynamic')] }, 'd'],
    ['no other caller of that id', 'a', theirs, { pending: [connection('2', 'inbound')] }, null],
    ['no dial to another id', 'a', theirs, { pending: [connection('x', 'static', 'x')] }, null],
  ];
  for (const [sentence, self, asking, others, expected] of cases)
    test(sentence, () => expect(rival(self, asking, others)).toBe(expected));
});
