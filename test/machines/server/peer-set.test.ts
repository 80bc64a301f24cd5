import { expect, test } from 'vitest';

import type { PeerEntry } from '../../../src/machines/connection/connection.ts';
import { withEntry, withoutEntry, withTrust } from '../../../src/machines/server/peer-set.ts';
import { candidate } from '../../support/server-run.ts';

const entry: PeerEntry = { ...candidate('a'), trusted: false };

test('a map that gains or loses an entry is a new one', () => {
  const empty = new Map<string, number>();
  const one = withEntry(empty, 'a', 1);
  expect([...one]).toEqual([['a', 1]]);
  expect([...withoutEntry(one, 'a')]).toEqual([]);
  expect([empty.size, one.size]).toEqual([0, 1]);
});

test('a peer is marked when its node becomes trusted, and unmarked when it no longer is', () => {
  const peers = new Map([['a', entry]]);
  const marked = withTrust(peers, new Set(['a']), 'a');
  expect(marked.peers.get('a')).toEqual({ ...entry, trusted: true });
  expect(withTrust(marked.peers, new Set(), 'a').peers.get('a')).toEqual(entry);
  expect(peers.get('a')).toBe(entry);
});

test('a node that is no peer changes no entry', () => {
  const peers = new Map([['a', entry]]);
  expect(withTrust(peers, new Set(['b']), 'b').peers).toBe(peers);
});
