import { describe, expect, test } from 'vitest';
import { LATENCY_MS } from '../../support/discv4-net.ts';
import { SessionNet, startV5 } from '../../support/discv5-net.ts';

const THERE = { host: '46.0.0.1', port: 30303 };

describe('two nodes', () => {
  test('make a session with the first ping, and use it for the next', async () => {
    const { net, a, b } = pair();
    const results: unknown[] = [];
    a.discv5.ping(b.node, (result) => results.push(result));
    await net.advance(4 * LATENCY_MS);
    expect(results).toEqual([
      { type: 'pong', rttMs: 2 * LATENCY_MS, seq: 1, statedEndpoint: a.discv5.local },
    ]);
    expect(net.wire.length).toBe(4);
    a.discv5.ping(b.node, (result) => results.push(result));
    await net.advance(2 * LATENCY_MS);
    expect(results.length).toBe(2);
    expect(net.wire.length).toBe(6);
    expect([a.faults, b.faults]).toEqual([[], []]);
  });
});

function pair() {
  const net = new SessionNet();
  return { net, a: startV5(net), b: startV5(net, { at: THERE, number: 2 }) };
}
