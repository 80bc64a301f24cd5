/**
 * Scenario 5: a peer that vanishes silently, after any message of a session. From there on nothing arrives in
 * either direction, and no write fails. Both sides notice within 30 s, and nothing is left.
 */
import { expect, test } from 'vitest';
import type { Port } from '../../src/api/protocol.ts';
import { READ_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { MemoryDirection } from '../../src/testing/world/memory-connection.ts';
import type { TcpConnection } from '../../src/testing/world/memory-tcp.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { idle } from '../support/hub.ts';

/** Long enough for two pings of each side. */
const WORDS = 9;
const PAUSE_MS = 4_000;

type Break = { readonly direction: MemoryDirection; readonly after: number };

/** A session in which the dialler sends messages now and then and gets them echoed, until it breaks. */
async function session(broken?: Break) {
  let connection: TcpConnection | undefined;
  const ports: Port[] = [];
  const world = createWorld({
    seed: 5,
    crypto: 'fast',
    link: { latencyMs: 20 },
    onConnection: (made) => {
      connection ??= made;
    },
  });
  const a = world.node({
    protocols: [
      {
        ...echo(),
        run: (peer, port) => {
          ports.push(port);
          return idle(peer, port);
        },
      },
    ],
    port: null,
  });
  const b = world.node({ protocols: [echo()] });
  const dropped: { label: string; at: number; state: string }[] = [];
  for (const { label, server } of [a, b])
    server.on('drop', ({ state }) => dropped.push({ label, at: world.clock.now(), state }));
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.until(() => a.server.peerCount + b.server.peerCount === 2);
  if (broken) connection!.cut('stall', broken.after, broken.direction);

  const delivered = { aToB: new Set<number>(), bToA: new Set<number>() };
  const seen = { bytes: 0, at: 0 };
  const sample = (): boolean => {
    const now = connection!.delivered;
    delivered.aToB.add(now.aToB);
    delivered.bToA.add(now.bToA);
    if (now.aToB + now.bToA > seen.bytes && dropped.length === 0)
      Object.assign(seen, { bytes: now.aToB + now.bToA, at: world.clock.now() });
    return false;
  };
  for (let word = 0; word < WORDS; word += 1) {
    ports[0]?.send(0, Uint8Array.of(word)).catch(() => {});
    const next = world.clock.now() + PAUSE_MS;
    world.clock.setTimeout(() => {}, PAUSE_MS); // something happens then
    await world.until(() => sample() || world.clock.now() >= next);
  }
  return { world, a, b, dropped, delivered, seen };
}

const whole = await session();
const droppedOfWhole = [...whole.dropped];
await whole.world.end();

test('the session has pings, pongs and messages of both sides, and completes when nothing breaks', () => {
  expect(droppedOfWhole).toEqual([]);
  for (const direction of ['aToB', 'bToA'] as const)
    expect(whole.delivered[direction].size).toBeGreaterThan(WORDS + 4);
});

test.for(['aToB', 'bToA'] as const)('after any message of %s', async (direction) => {
  for (const after of whole.delivered[direction]) {
    const { world, a, b, dropped, seen } = await session({ direction, after });
    await world.run('1m');
    const about = `${direction} after ${after}`;
    expect(dropped.map(({ label }) => label).sort(), about).toEqual([a.label, b.label].sort());
    for (const { at, state } of dropped) {
      expect(at - seen.at - FAREWELL_MS, about).toBeLessThanOrEqual(READ_TIMEOUT_MS);
      expect(state, about).toMatch(/ending\.rejected\.(pongTimeout|silence)/);
    }
    await world.end();
  }
});
