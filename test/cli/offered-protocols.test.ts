import { describe, expect, test } from 'vitest';
import { DEFAULT_OFFER, offeredProtocol, offerText } from '../../src/cli/offered-protocols.ts';
import { matchCapabilities } from '../../src/machines/connection/capability-match.ts';
import { echo } from '../../src/protocols/echo.ts';
import { pairedPeers } from '../../src/testing/protocol/paired-peers.ts';
import { turns } from '../support/turn.ts';

test('what is offered by default is what go-ethereum speaks today, and 68 for others', () => {
  expect(offerText(DEFAULT_OFFER)).toBe('eth/68 eth/69 eth/70 eth/71 eth/72');
});

describe('the number of message codes', () => {
  test.for([
    ['eth', 68, 17],
    ['eth', 69, 18],
    ['eth', 70, 18],
    ['eth', 71, 20],
    ['eth', 72, 22],
    ['snap', 1, 8],
    ['snap', 2, 10],
    ['eth', 73, 64],
    ['constructor', 1, 64],
  ] as const)('of %s/%i is %i', ([name, version, length]) => {
    expect(offeredProtocol({ name, version }).length).toBe(length);
  });

  test('of echo/1 is that of the protocol that we speak', () => {
    expect(offeredProtocol({ name: 'echo', version: 1 }).length).toBe(echo().length);
  });

  test('is the given one when there is one', () => {
    expect(offeredProtocol({ name: 'abc', version: 1, length: 5 }).length).toBe(5);
  });

  test('gives the offsets that go-ethereum has for eth/72 with snap/1', () => {
    const ours = [...DEFAULT_OFFER, { name: 'snap', version: 1 }].map((one) =>
      offeredProtocol(one),
    );
    const theirs = [69, 70, 71, 72].map((version) => ({ name: 'eth', version }));
    const matches = matchCapabilities(ours, [...theirs, { name: 'snap', version: 1 }]);
    expect(matches.map(({ name, version, offset }) => [name, version, offset])).toEqual([
      ['eth', 72, 16],
      ['snap', 1, 38],
    ]);
  });
});

test('every message is read and counted, and none is sent', async () => {
  let heard = 0;
  const offered = offeredProtocol({ name: 'echo', version: 1 }, () => {
    heard += 1;
  });
  const echoed: unknown[] = [];
  const [us, they] = pairedPeers(
    [offered],
    [echo({ say: 'hello', onMessage: (message) => echoed.push(message) })],
  );
  await turns(10);
  expect([heard, echoed]).toEqual([1, []]);
  us.peer.disconnect('requested');
  they.peer.disconnect('requested');
});
