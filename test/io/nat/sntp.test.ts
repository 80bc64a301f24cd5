import { describe, expect, test } from 'vitest';
import { TIME_SERVER_LIMIT_MS, TIME_SERVERS, timeAheadMs } from '../../../src/io/nat/sntp.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import { fakeTimeServer } from '../../support/fake-time-server.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';

const lookUp = async (name: string): Promise<readonly string[]> => [name];
const NOW = Date.UTC(2026, 10, 30);

function asking(servers: readonly Endpoint[], nowMs = NOW, signal = NEVER) {
  const { clock, surroundings } = natSurroundings();
  const options = { servers, lookUp, unixTimeMs: () => nowMs };
  return { clock, ahead: timeAheadMs(options, surroundings, signal) };
}

describe('the difference of the clocks', () => {
  test.for([
    ['a server that is ahead', NOW, 12_500],
    ['a server that is behind', NOW, -3_250],
    [
      'a time after the year 2036, when the seconds of the packet begin again',
      Date.UTC(2040, 1, 1),
      1_000,
    ],
    ['a server on the other side of that moment', Date.UTC(2036, 1, 7, 6, 28, 15), 3_000],
  ] as const)('%s', async ([, now, aheadMs]) => {
    const server = await fakeTimeServer(() => now + aheadMs);
    expect(await asking([server.address], now).ahead).toBeCloseTo(aheadMs, 0);
  });
});

describe('not taken for an answer', () => {
  const changed = (at: number, byte: number) => (answer: Uint8Array) => {
    answer[at] = byte;
    return [answer];
  };
  test.for([
    ['a packet that is too short', (answer: Uint8Array) => [answer.subarray(0, 47)]],
    ['a packet of a client', changed(0, 0x23)],
    ['a server that has no time itself', changed(1, 0)],
    ['an answer without our random bytes', changed(24, 0xff)],
  ] as const)('%s', async ([, change]) => {
    const server = await fakeTimeServer(() => NOW, change);
    const { clock, ahead } = asking([server.address]);
    const failed = ahead.catch((error: Error) => error.message);
    await expect.poll(() => server.received.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(TIME_SERVER_LIMIT_MS);
    expect(await failed).toBe('127.0.0.1: no answer within 3 s');
  });
});

test('the next server is asked when one does not answer', async () => {
  const silent = await fakeTimeServer(
    () => NOW,
    () => [],
  );
  const server = await fakeTimeServer(() => NOW + 500);
  const { clock, ahead } = asking([silent.address, server.address]);
  await expect.poll(() => silent.received.length).toBe(1);
  clock.advance(TIME_SERVER_LIMIT_MS);
  expect(await ahead).toBeCloseTo(500, 0);
});

test('an abort ends it', async () => {
  const silent = await fakeTimeServer(
    () => NOW,
    () => [],
  );
  const controller = new AbortController();
  const { ahead } = asking([silent.address, silent.address], NOW, controller.signal);
  const failed = ahead.catch((error: Error) => error.message);
  await expect.poll(() => silent.received.length).toBe(1);
  controller.abort();
  expect(await failed).toBe('127.0.0.1: cancelled');
  expect(silent.received).toHaveLength(1);
});

test('without servers there is no answer, and those that are known have the port of NTP', async () => {
  await expect(asking([]).ahead).rejects.toThrow('no time server is known');
  expect(TIME_SERVERS.every(({ port }) => port === 123)).toBe(true);
});
