/**
 * Slow lines: each load once between us and go-ethereum and once between two go-ethereum nodes, all at the same time,
 * since the lines are slow and not the machine. A longer table, between two of ours, is in bench/slow-links.mjs.
 */
import { expect, test } from 'vitest';

import { bulkEnd, type Load } from './bulk.ts';
import { startServer } from './our-server.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';
import {
  atPort,
  type Line,
  portOf,
  type ShapingProxy,
  startShapingProxy,
} from './shaping-proxy.ts';

const KIB = 1024;
const MBIT_BYTES = 125_000;

/** A load may take this many times what the line needs for it, and a minute: then it counts as not completed. */
const MOST_TIMES = 1.5;
const SPARE_MS = 60_000;

const BULK = ['--protocols', 'bulk/1/2'];

/** Seen from the one who dials. */
const DIRECTIONS = ['sends', 'receives', 'does both'] as const;
type Direction = (typeof DIRECTIONS)[number];

type Case = Line & Load & { readonly name: string };

const CASES: readonly Case[] = [
  {
    name: '1 Mbit/s, 20 ms, 1 KiB messages',
    ...{ bytesPerSecond: MBIT_BYTES, delayMs: 10, size: KIB, count: 5_400, afterMs: 0 },
  },
  {
    name: '1 Mbit/s, 300 ms, 16 KiB messages',
    ...{ bytesPerSecond: MBIT_BYTES, delayMs: 150, size: 16 * KIB, count: 340, afterMs: 0 },
  },
  {
    name: '300 KiB/s, 20 ms, 3 MiB messages from second 14 on',
    ...{ bytesPerSecond: 300 * KIB, delayMs: 10, size: 3_072 * KIB, count: 4, afterMs: 14_000 },
  },
  {
    name: '60 KiB/s, 20 ms, 64 KiB messages',
    ...{ bytesPerSecond: 60 * KIB, delayMs: 10, size: 64 * KIB, count: 42, afterMs: 0 },
  },
  {
    name: '60 KiB/s, 20 ms, 64 KiB messages, all of them at once in the buffers of the system',
    deep: true,
    ...{ bytesPerSecond: 60 * KIB, delayMs: 10, size: 64 * KIB, count: 50, afterMs: 1_000 },
  },
  {
    name: '40 KiB/s, 20 ms, 64 KiB messages',
    ...{ bytesPerSecond: 40 * KIB, delayMs: 10, size: 64 * KIB, count: 30, afterMs: 0 },
  },
  {
    name: '20 KiB/s, 300 ms, 64 KiB messages',
    ...{ bytesPerSecond: 20 * KIB, delayMs: 150, size: 64 * KIB, count: 15, afterMs: 0 },
  },
];

/** Message and silence before it last 32 s; go-ethereum reads for 30 s. */
const BIG: Case = {
  name: '5.4 MiB',
  ...{ bytesPerSecond: 300 * KIB, delayMs: 10, size: 5_529 * KIB, count: 2, afterMs: 14_000 },
};

const STOPPING: Case = {
  name: 'stops after 64 KiB',
  stopsAfter: 64 * KIB,
  ...{ bytesPerSecond: 100 * KIB, delayMs: 10, size: 64 * KIB, count: 40, afterMs: 0 },
};

/** By either side: 20 s without a byte taken, or 15 s and a ping's 15 s; 30 s at go-ethereum. */
const ENDED_IN_TIME =
  /^(ours ending\.(failed\.writeStalled|rejected\.\w+Timeout|failed\.connection\w+)|go-ethereum: .*) after (2\d|3\d) s$/;

/** `completed`, or how and when it was not. */
type Outcome = string;

test.concurrent('what go-ethereum completes with itself over a slow line, we complete with it', async () => {
  await using proxy = await startShapingProxy();
  await using ourHub = await startPeer('geth', BULK);
  await using theirHub = await startPeer('geth', BULK);
  const rows = await Promise.all(
    CASES.flatMap((one) =>
      DIRECTIONS.map(async (direction) => {
        const [ours, theirs] = await Promise.all([
          dialledByUs(proxy, ourHub, one, direction),
          dialledByGeth(proxy, theirHub, one, direction),
        ]);
        return { name: `${one.name}, ${direction}`, ours, theirs };
      }),
    ),
  );
  const table = rows.map(({ name, ours, theirs }) => `${name}: ${ours}; go-ethereum: ${theirs}`);
  const completedByGeth = rows.filter(({ theirs }) => theirs === 'completed');
  expect(completedByGeth.length, table.join('\n')).toBeGreaterThan(rows.length / 2);
  const missed = completedByGeth.filter(({ ours }) => ours !== 'completed');
  expect(missed, table.join('\n')).toEqual([]);
}, 240_000);

test.concurrent('go-ethereum sends us 5.4 MiB at 300 KiB/s from second 14 on, which it would not read to the end itself', async () => {
  await using proxy = await startShapingProxy();
  await using hub = await startPeer('geth', BULK);
  expect(await dialledByUs(proxy, hub, BIG, 'receives')).toBe('completed');
}, 120_000);

test.concurrent('a line that stops ends the connection, whichever side sends', async () => {
  await using proxy = await startShapingProxy();
  await using hub = await startPeer('geth', BULK);
  const outcomes = await Promise.all(
    DIRECTIONS.map((direction) => dialledByUs(proxy, hub, STOPPING, direction)),
  );
  for (const how of outcomes) expect(how).toMatch(ENDED_IN_TIME);
}, 120_000);

async function dialledByUs(
  proxy: ShapingProxy,
  hub: PeerProcess,
  one: Case,
  direction: Direction,
): Promise<Outcome> {
  const end = bulkEnd();
  await using ours = await startServer({ listen: null, protocols: [end.protocol] });
  const { id } = ours.server.self;
  ours.server.addPeer(await throughLine(proxy, hub, one));
  await ours.events.next('add');
  await hub.next('add', ({ peer }) => peer === id);

  const { size, count, afterMs } = one;
  const tasks: Promise<unknown>[] = [];
  if (direction !== 'receives') {
    tasks.push(end.push({ size, count, afterMs }), pushed(hub, id, one));
  }
  if (direction !== 'sends') {
    hub.send({ cmd: 'push', peer: id, size, count, afterMs });
    tasks.push(end.received.then((messages) => expect(messages).toBe(count)));
  }
  return await outcome(one, tasks, [
    ours.events.next('drop').then(({ state }) => `ours ${state}`),
    geth(hub, id),
  ]);
}

async function dialledByGeth(
  proxy: ShapingProxy,
  hub: PeerProcess,
  one: Case,
  direction: Direction,
): Promise<Outcome> {
  await using dialer = await startPeer('geth', BULK);
  const { id } = dialer.started;
  dialer.send({ cmd: 'dial', enode: await throughLine(proxy, hub, one) });
  await dialer.next('add');
  await hub.next('add', ({ peer }) => peer === id);

  const { size, count, afterMs } = one;
  const tasks: Promise<unknown>[] = [];
  if (direction !== 'receives') {
    dialer.send({ cmd: 'push', size, count, afterMs });
    tasks.push(pushed(hub, id, one));
  }
  if (direction !== 'sends') {
    hub.send({ cmd: 'push', peer: id, size, count, afterMs });
    tasks.push(pushed(dialer, hub.started.id, one));
  }
  return await outcome(one, tasks, [geth(dialer, hub.started.id), geth(hub, id)]);
}

async function throughLine(proxy: ShapingProxy, hub: PeerProcess, line: Case): Promise<string> {
  const enode = hub.started.enode!;
  return atPort(enode, await proxy.open(portOf(enode), line));
}

/** @param receiver Of the load that `peer` sends. */
async function pushed(receiver: PeerProcess, peer: string, one: Case): Promise<void> {
  const event = await receiver.next('pushed', (pushed) => pushed.peer === peer, mostMs(one));
  expect(event.messages).toBe(one.count);
}

function geth(process: PeerProcess, id: string): Promise<string> {
  const dropped = process.next('drop', ({ peer }) => peer === id, 300_000);
  return dropped.then(({ error }) => `go-ethereum: ${error}`).catch(() => new Promise(() => {}));
}

async function outcome(
  one: Case,
  tasks: readonly Promise<unknown>[],
  drops: readonly Promise<string>[],
): Promise<Outcome> {
  const begun = performance.now();
  const done = Promise.all(tasks).then(() => 'completed');
  done.catch(() => {}); // the drop says why
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, mostMs(one), 'not completed');
  });
  const how = await Promise.race([done.catch(() => tooLate), tooLate, ...drops]);
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  return how === 'completed' ? how : `${how} after ${seconds} s`;
}

function mostMs({ size, count, afterMs, bytesPerSecond }: Case): number {
  return afterMs + MOST_TIMES * ((1_000 * size * count) / bytesPerSecond) + SPARE_MS;
}
