/** What is left of a closed inspector: by the bytes on the heap, and by what can be collected. */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import { inspect } from '../../src/inspect/inspector.ts';
import { PageHandle } from '../../src/inspect/page-handle.ts';
import { record } from '../../src/inspect/recording/server-recording.ts';
import type { PageServer } from '../../src/inspect/web/page-server.ts';
import type { Server } from '../../src/server.ts';
import { scratch } from '../cli/scratch.ts';
import { settledHeap } from '../fuzz/watchdog.ts';
import { World } from '../support/world.ts';

/** Bytes that a closed inspector or recording may keep, its handle included. It was 740 KiB. */
const MAX_KEPT_BYTES = 32 * 1024;

/** Enough of them that what the process keeps once, as compiled code, does not count. */
const COUNT = 10;

/** Times it is measured: what is really kept is kept each time, and Node lets go of a closed socket some turns later. */
const ROUNDS = 6;

async function someServer(): Promise<Server> {
  const world = new World();
  onTestFinished(() => world.end());
  const a = world.add(1);
  await world.start(a);
  return a.server;
}

const KINDS: readonly (readonly [string, (server: Server) => Promise<AsyncDisposable>])[] = [
  ['inspector', (server) => inspect(server)],
  ['masked inspector', (server) => inspect(server, { mask: true })],
  ['recording', async (server) => record(server, join(await scratch(), 'run.jsonl'))],
];

test.for(KINDS)(
  'a closed %s keeps little, while it is held and its server runs',
  async ([, open]) => {
    const server = await someServer();
    const held: AsyncDisposable[] = [];
    const openAndClose = async (): Promise<void> => {
      for (let count = 0; count < COUNT; count += 1) {
        const one = await open(server);
        await one[Symbol.asyncDispose]();
        held.push(one);
      }
    };
    await openAndClose(); // loads and compiles
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS && least > MAX_KEPT_BYTES; round += 1) {
      const before = await settledHeap();
      await openAndClose();
      least = Math.min(least, ((await settledHeap()) - before) / COUNT);
    }
    expect(held.length).toBeGreaterThanOrEqual(2 * COUNT);
    expect(least).toBeLessThan(MAX_KEPT_BYTES);
  },
);

test.for(KINDS)('a closed %s is not held by its server', async ([, open]) => {
  const server = await someServer();
  const closedOne = async (): Promise<WeakRef<AsyncDisposable>> => {
    const one = await open(server);
    await one[Symbol.asyncDispose]();
    return new WeakRef(one);
  };
  const left = await closedOne();
  await turn();
  await settledHeap();
  expect(left.deref()).toBeUndefined();
});

test('a page is closed and ended once, and then has the last link and no sessions', async () => {
  const calls: string[] = [];
  let links = 0;
  const pageServer: PageServer = {
    address: 'http://127.0.0.1:1',
    newLink: () => {
      links += 1;
      return `link ${links}`;
    },
    endSessions: () => void calls.push('sessions'),
    close: async () => void calls.push('closed'),
  };
  const latest = { value: '' };
  const handle = new PageHandle({ pageServer, end: () => void calls.push('ended') }, latest);
  expect([handle.link, handle.newLink(), handle.address]).toEqual([
    'link 1',
    'link 2',
    'http://127.0.0.1:1',
  ]);
  latest.value = 'a link after a visit without one';
  expect(handle.link).toBe('a link after a visit without one');
  handle.endSessions();
  await Promise.all([handle.close(), handle[Symbol.asyncDispose]()]);
  handle.endSessions();
  expect(handle.newLink()).toBe('a link after a visit without one');
  expect(calls).toEqual(['sessions', 'closed', 'ended']);
});
