import { describe, expect, test } from 'vitest';

import {
  Discv5Requests,
  EARLIER_NONCE_MS,
  type Expectation,
  MAX_QUEUED,
  PACKET_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  type Request,
} from '../../../src/io/discovery/discv5-requests.ts';
import { LATE_ANSWER_MS, MAX_REQUESTS } from '../../../src/io/discovery/request-matcher.ts';
import { keyOf, nodeOf } from '../../support/discv4-net.ts';
import { StepClock } from '../../support/step-clock.ts';

const ENDPOINT = { host: '46.0.0.1', port: 30303 };
const NONCE = new Uint8Array(12).fill(1);

describe('requests to one node', () => {
  test('have their turn one after the other', () => {
    const { requests, turns, ask, pong, place } = stage();
    ask('01');
    ask('02');
    expect(turns).toEqual(['01']);
    expect(requests.give(pong('01'), place)).toBe(null);
    expect([turns, requests.size]).toEqual([['01', '02'], 1]);
  });

  test('of which eight wait are refused further ones', () => {
    const { requests, ask } = stage();
    for (let index = 0; index <= MAX_QUEUED; index += 1) expect(ask(`0${index}`)).not.toBe(null);
    expect([ask('0a'), requests.size]).toEqual([null, MAX_QUEUED + 1]);
  });

  test('whose turn it is not do not wait for an answer yet', () => {
    const { clock, turns, ask, ends, place } = stage();
    ask('01');
    ask('02');
    clock.advance(PACKET_TIMEOUT_MS);
    expect([turns, ends]).toEqual([
      ['01', '02'],
      ['unanswered 01 timedOut', 'timeout 01'],
    ]);
    expect(place.id).toBeDefined();
  });

  test('to another node, or another endpoint of it, do not wait for them', () => {
    const { ask, turns } = stage();
    ask('01');
    ask('02', { host: '46.0.0.1', port: 30304 });
    expect(turns).toEqual(['01', '02']);
  });
});

test('512 wait at most, to all nodes together', () => {
  const { requests, ask } = stage();
  for (let index = 0; index < MAX_REQUESTS; index += 1)
    expect(ask('01', { host: '46.0.0.1', port: 1 + index })).not.toBe(null);
  expect([ask('02', { host: '46.0.0.2', port: 1 }), requests.size]).toEqual([null, MAX_REQUESTS]);
  requests.close();
  expect(requests.size).toBe(0);
});

describe('the time of a request', () => {
  test('is 700 ms for each packet', () => {
    const { clock, requests, ask, active, ends } = stage();
    ask('01');
    clock.advance(300);
    requests.sent(active(), NONCE);
    clock.advance(PACKET_TIMEOUT_MS - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual(['unanswered 01 timedOut', 'timeout 01']);
    expect(clock.pending).toBe(0);
  });

  test('is 3.5 s in all when answers drip in', () => {
    const { clock, requests, ask, pong, ends, place } = stage(() => false);
    ask('01');
    for (let at = 600; at < REQUEST_TIMEOUT_MS; at += 600) {
      clock.advance(600);
      expect(requests.give(pong('01'), place)).toBe(null);
    }
    clock.advance(REQUEST_TIMEOUT_MS - clock.now() - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual(['unanswered 01 timedOut', 'timeout 01']);
  });

  test('to the answer is counted from its last packet', () => {
    const { clock, requests, ask, active, pong, place, rtts } = stage();
    ask('01');
    requests.sent(active(), NONCE);
    clock.advance(100);
    requests.sent(active(), new Uint8Array(12).fill(2));
    clock.advance(30);
    requests.give(pong('01'), place);
    expect(rtts).toEqual([30]);
  });
});

describe('an answer', () => {
  test('needs a request, its id and its kind', () => {
    const { requests, ask, pong, place } = stage();
    expect(requests.give(pong('01'), place)).toBe('unsolicitedAnswer');
    ask('01');
    expect(requests.give(pong('02'), place)).toBe('otherRequestId');
    const nodes = { type: 'nodes', requestId: '01', total: 1, records: [] } as const;
    expect(requests.give(nodes, place)).toBe('otherAnswerKind');
    const elsewhere = { ...place, endpoint: { host: '46.0.0.1', port: 1 } };
    expect(requests.give(pong('01'), elsewhere)).toBe('unsolicitedAnswer');
    expect(requests.give(pong('01'), place)).toBe(null);
    expect(requests.give(pong('01'), place)).toBe('unsolicitedAnswer');
  });

  test('that comes after the time counts as late for five seconds', () => {
    const { clock, requests, ask, pong, place } = stage();
    ask('01');
    clock.advance(PACKET_TIMEOUT_MS + LATE_ANSWER_MS);
    expect(requests.give(pong('01'), place)).toBe('lateAnswer');
    clock.advance(1);
    expect(requests.give(pong('01'), place)).toBe('unsolicitedAnswer');
  });
});

describe('a challenge', () => {
  test('needs the nonce of a packet of a request, comes from its endpoint, and once', () => {
    const { requests, ask, active } = stage();
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('unsolicitedChallenge');
    ask('01');
    requests.sent(active(), NONCE);
    expect(requests.challenged(new Uint8Array(12).fill(9), ENDPOINT)).toBe('unsolicitedChallenge');
    expect(requests.challenged(NONCE, { ...ENDPOINT, port: 1 })).toBe('challengeOfOtherEndpoint');
    expect(requests.challenged(NONCE, { ...ENDPOINT, host: '46.0.0.9' })).toBe(
      'challengeOfOtherEndpoint',
    );
    expect(requests.challenged(NONCE, ENDPOINT)).toBe(active());
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('secondChallenge');
  });

  test('that names a packet that was given up serves the next request to the node, for a second', () => {
    const { clock, requests, ask, active } = stage();
    ask('01');
    requests.sent(active(), NONCE);
    clock.advance(PACKET_TIMEOUT_MS);
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('unsolicitedChallenge');
    ask('02');
    requests.sent(active(), new Uint8Array(12).fill(9));
    clock.advance(EARLIER_NONCE_MS - 1);
    ask('03');
    expect(active().message.requestId).toBe('03');
    expect(requests.challenged(NONCE, { ...ENDPOINT, port: 1 })).toBe('challengeOfOtherEndpoint');
    clock.advance(1);
    expect(requests.challenged(NONCE, ENDPOINT)).toBe(active());
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('secondChallenge');
    clock.advance(1);
    ask('04');
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('unsolicitedChallenge');
  });

  test('may name the packet before the last one, whose handshake was lost', () => {
    const { clock, requests, ask, active } = stage();
    ask('01');
    requests.sent(active(), NONCE);
    expect(requests.challenged(NONCE, ENDPOINT)).toBe(active());
    requests.sent(active(), new Uint8Array(12).fill(9));
    ask('02');
    clock.advance(PACKET_TIMEOUT_MS);
    expect(requests.challenged(NONCE, ENDPOINT)).toBe(active());
  });

  test('that names the packet of a request that was answered, or went to another endpoint, is refused', () => {
    const { clock, requests, ask, active, pong, place } = stage();
    ask('01');
    requests.sent(active(), NONCE);
    requests.give(pong('01'), place);
    ask('02');
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('unsolicitedChallenge');
    requests.sent(active(), NONCE);
    clock.advance(PACKET_TIMEOUT_MS);
    ask('03', { host: '46.0.0.1', port: 30304 });
    expect(requests.challenged(NONCE, ENDPOINT)).toBe('unsolicitedChallenge');
  });
});

describe('a cancelled request', () => {
  test('makes room for the next one, and its end is reported', () => {
    const { ask, turns, ends } = stage();
    const cancel = ask('01');
    ask('02');
    cancel?.();
    cancel?.();
    expect([turns, ends]).toEqual([['01', '02'], ['unanswered 01 cancelled']]);
  });

  test('that waited leaves without a word', () => {
    const { ask, turns, ends, requests } = stage();
    ask('01');
    ask('02')?.();
    expect([turns, ends, requests.size]).toEqual([['01'], [], 1]);
  });
});

test('the end closes active requests and those that wait, and leaves no timer', () => {
  const { clock, requests, ask, ends } = stage();
  ask('01');
  ask('02');
  requests.close();
  expect([ends, requests.size, clock.pending]).toEqual([['closed 01', 'closed 02'], 0, 0]);
});

function stage(isComplete = () => true) {
  const clock = new StepClock();
  const turns: string[] = [];
  const ends: string[] = [];
  const rtts: number[] = [];
  const requests = new Discv5Requests(clock, {
    onTurn: ({ message }) => turns.push(message.requestId),
    onUnanswered: ({ message }, why) => ends.push(`unanswered ${message.requestId} ${why}`),
  });
  const key = keyOf(2);
  const place = { id: key.id, endpoint: ENDPOINT };
  const ask = (requestId: string, endpoint = ENDPOINT) => {
    const expectation: Expectation = {
      node: nodeOf(key, endpoint),
      place: { id: key.id, endpoint },
      message: { type: 'ping', requestId, recordSeq: 1 },
      kind: 'pong',
      onAnswer: (_, rttMs) => {
        rtts.push(rttMs);
        return isComplete();
      },
      onTimeout: () => ends.push(`timeout ${requestId}`),
      onClosed: () => ends.push(`closed ${requestId}`),
    };
    return requests.add(expectation);
  };
  const pong = (requestId: string) => ({
    ...{ type: 'pong' as const, requestId, recordSeq: 1 },
    host: '45.0.0.1',
    udpPort: 1,
  });
  const active = (): Request => requests.activeAt(place)!;
  return { clock, requests, turns, ends, rtts, ask, pong, active, place };
}
