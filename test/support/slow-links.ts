/**
 * Two servers over a slow line of a simulated world, for every rate, message size, direction, round trip, start within a
 * ping interval and size of the buffers. What makes progress must not be dropped; what makes none must be, in time.
 */
import { createCipheriv } from 'node:crypto';

import type { Port, Protocol } from '../../src/api/protocol.ts';
import { PONG_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { PING_INTERVAL_MS } from '../../src/machines/peer/peer.ts';
import { fastPrimitives } from '../../src/testing/raw-peer/fast-crypto.ts';
import type { TcpConnection } from '../../src/testing/world/memory-tcp.ts';
import { createWorld, type World } from '../../src/testing/world/world.ts';
import { stubHash } from './frames.ts';

const KIB = 1024;

/** In KiB/s. */
export const RATES = [20, 40, 60, 125, 300] as const;
/** In KiB. */
const SIZES = [1, 64, 1_024, 8_192] as const;
const DIRECTIONS = ['there', 'back', 'both'] as const;
const ROUND_TRIPS_MS = [20, 300] as const;
/** Over a whole ping interval, for each fate. */
const STARTS_S = { 'goes on': [0, 3, 6, 9, 12, 14.5], stops: [0, 9] } as const;
/** In KiB: as small as systems have them, and with room for most of what is sent. */
const BUFFERS = [64, 4_096] as const;
/** `stops`: nothing arrives any more in either direction after a part of the load, and writes fill the buffers. */
const FATES = ['goes on', 'stops'] as const;

export type SlowLink = {
  readonly rate: number;
  readonly size: number;
  readonly direction: (typeof DIRECTIONS)[number];
  readonly roundTripMs: number;
  readonly startS: number;
  readonly buffer: number;
  readonly fate: (typeof FATES)[number];
};

/** MACs that cost nothing: they take most of the time otherwise, and are not what is tried here. */
const CHEAP = { primitives: { ...fastPrimitives, runningKeccak256: () => stubHash } };

/** A load lasts at least this long, in ms: longer than a ping interval and the wait for a pong. */
const LOAD_MS = 36_000;

/** The same where buffers hold more than that: in them pings and pongs wait for minutes, and come out in a new order. */
const DEEP_LOAD_MS = 180_000;

/** A load may take this many times what the line needs for it, and a minute. */
const MOST_TIMES = 1.2;
const SPARE_MS = 60_000;

/** After a load: pings and pongs go on, and nothing is dropped late. */
const REST_MS = 40_000;

/** From the last progress to the drop: the next ping, the wait for its pong, our Disconnect, and a round trip. */
const MOST_DROP_MS = PING_INTERVAL_MS + PONG_TIMEOUT_MS + FAREWELL_MS + 1_000;

export function slowLinksAt(rate: number): readonly SlowLink[] {
  const links: SlowLink[] = [];
  for (const size of SIZES)
    for (const direction of DIRECTIONS)
      for (const roundTripMs of ROUND_TRIPS_MS)
        for (const buffer of BUFFERS)
          for (const fate of FATES)
            for (const startS of STARTS_S[fate])
              links.push({ rate, size, direction, roundTripMs, startS, buffer, fate });
  return links;
}

export const nameOf = ({ rate, size, direction, roundTripMs, startS, buffer, fate }: SlowLink) =>
  `${rate} KiB/s ${fate}, ${size} KiB ${direction}, ${roundTripMs} ms, buffers of ${buffer} KiB, from second ${startS}`;

/** @returns What is wrong; null when everything is as it should be. */
export async function flawOf(link: SlowLink): Promise<string | null> {
  const { rate, size, direction, roundTripMs, startS, buffer, fate } = link;
  let connection: TcpConnection | null = null;
  const world = createWorld({
    seed: nameOf(link),
    crypto: 'fast',
    invariants: false,
    link: {
      ...{ latencyMs: roundTripMs / 2, jitterMs: 0, pieceBytes: 16 * KIB },
      ...{ bytesPerSecond: rate * KIB, bufferBytes: buffer * KIB },
    },
    onConnection: (opened) => {
      connection = opened;
    },
  });
  const here = new Bulk();
  const there = new Bulk();
  const a = world.node({ protocols: [here.protocol], ports: CHEAP });
  const b = world.node({ protocols: [there.protocol], ports: CHEAP });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.until(() => a.server.peerCount + b.server.peerCount === 2, '1m');
  const drops: string[] = [];
  for (const { server, label } of [a, b])
    server.on('drop', ({ state }) => {
      drops.push(`${label} ${state} at ${Math.round(world.clock.now() / 1_000)} s`);
      if (server === a.server) a.server.removePeer(b.enode).catch(() => {}); // no second connection
    });

  await world.run(startS * 1_000);
  const isDeep = (1_000 * buffer) / rate > LOAD_MS;
  const loadMs = isDeep && fate === 'goes on' ? DEEP_LOAD_MS : LOAD_MS;
  const count = Math.max(1, Math.ceil((rate * loadMs) / 1_000 / size));
  const ideal = (1_000 * size * count) / rate;
  const senders = [
    ...(direction === 'back' ? [] : [here]),
    ...(direction === 'there' ? [] : [there]),
  ];
  for (const sender of senders) sender.push(contentOf(size * KIB), count);
  const receivers = senders.map((sender) => (sender === here ? there : here));
  const isDone = (): boolean => receivers.every(({ received }) => received === count);
  const limit = MOST_TIMES * ideal + SPARE_MS;
  const outcome =
    fate === 'stops'
      ? await flawOfStop(world, drops, { connection: connection!, afterMs: ideal / 3 })
      : await flawOfProgress(world, drops, { isDone, limit });
  await world.end();
  return outcome;
}

type Stop = { readonly connection: TcpConnection; readonly afterMs: number };

async function flawOfStop(
  world: World,
  drops: readonly string[],
  { connection, afterMs }: Stop,
): Promise<string | null> {
  await world.run(afterMs);
  if (drops.length > 0) return `dropped while it made progress: ${drops.join(', ')}`;
  connection.freeze('aToB');
  connection.freeze('bToA');
  await world.run(MOST_DROP_MS);
  return drops.length === 2 ? null : `not dropped in time: ${drops.join(', ') || 'neither side'}`;
}

type Progress = { readonly isDone: () => boolean; readonly limit: number };

async function flawOfProgress(
  world: World,
  drops: readonly string[],
  { isDone, limit }: Progress,
): Promise<string | null> {
  const end = world.clock.now() + limit;
  await world.until(() => isDone() || drops.length > 0 || world.clock.now() > end, limit + 60_000);
  if (drops.length === 0 && !isDone()) return 'not completed in time';
  if (drops.length === 0) await world.run(REST_MS);
  return drops.length === 0 ? null : `dropped: ${drops.join(', ')}`;
}

/** One side of the load. */
class Bulk {
  received = 0;
  #port: Port | null = null;

  readonly protocol: Protocol = {
    name: 'bulk',
    version: 1,
    length: 1,
    run: async (_, port) => {
      this.#port = port;
      for await (const _message of port) this.received += 1;
    },
  };

  /** The end of the peer ends it. */
  push(payload: Uint8Array, count: number): void {
    const port = this.#port;
    if (!port) throw new TypeError('there is no peer');
    const send = async (): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1) await port.send(0, payload);
    };
    send().catch(() => {});
  }
}

const contents = new Map<number, Uint8Array>();

/** The same bytes in every run, in which Snappy finds nothing to copy. */
function contentOf(bytes: number): Uint8Array {
  const known = contents.get(bytes);
  if (known) return known;
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  const content = new Uint8Array(cipher.update(Buffer.alloc(bytes)));
  contents.set(bytes, content);
  return content;
}
