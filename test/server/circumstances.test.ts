import { describe, expect, test } from 'vitest';
import {
  Circumstances,
  FORMER_PEER_MS,
  MAX_FORMER_PEERS,
  PAUSE_EXPLAINS_MS,
} from '../../src/server/circumstances.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';

function remembering({ offersNothing = false } = {}) {
  const time = new VirtualClock();
  return { time, circumstances: new Circumstances(time, { offersNothing }) };
}

describe('a node that was a peer', () => {
  test('is remembered with the time since then, for 10 min', () => {
    const { time, circumstances } = remembering();
    circumstances.peerEnded('ab');
    time.advance(FORMER_PEER_MS);
    expect(circumstances.of('ab')).toEqual({ sincePeerMs: FORMER_PEER_MS });
    expect([circumstances.of('cd'), circumstances.of(null)]).toEqual([{}, {}]);
    time.advance(1);
    expect(circumstances.of('ab')).toEqual({});
  });

  test('is remembered by its latest time', () => {
    const { time, circumstances } = remembering();
    circumstances.peerEnded('ab');
    time.advance(5_000);
    circumstances.peerEnded('ab');
    expect(circumstances.of('ab')).toEqual({ sincePeerMs: 0 });
  });

  test('is forgotten after a bounded number of others', () => {
    const { circumstances } = remembering();
    for (const id of ['first', 'second', 'first']) circumstances.peerEnded(id);
    for (let count = 2; count <= MAX_FORMER_PEERS; count += 1) circumstances.peerEnded(`${count}`);
    expect(circumstances.of('second')).toEqual({});
    expect(circumstances.of('first')).toEqual({ sincePeerMs: 0 });
    circumstances.peerEnded('one more');
    expect(circumstances.of('first')).toEqual({});
  });
});

test('a pause of this process is reported until it can no longer explain an ending', () => {
  const { time, circumstances } = remembering();
  circumstances.clock.setTimeout(() => {}, 0);
  time.leap(8_000.4);
  time.advance(PAUSE_EXPLAINS_MS - 1);
  expect(circumstances.of(null)).toEqual({
    ourPause: { ms: 8_000, agoMs: PAUSE_EXPLAINS_MS - 1 },
  });
  time.advance(2);
  expect(circumstances.of(null)).toEqual({});
});

test('a server without protocols is reported as such', () => {
  expect(remembering({ offersNothing: true }).circumstances.of(null)).toEqual({
    offersNothing: true,
  });
});
