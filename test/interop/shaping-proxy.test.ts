/** The shaping proxy does what the tests of slow links rely on. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import { type Line, startShapingProxy } from './shaping-proxy.ts';

const KIB = 1024;

/** What the line and the system's buffers before and behind it hold, in bytes, at most. */
const MAX_HELD_BYTES = 512 * KIB;

test('a line passes its rate and no more, unchanged, in both directions at once', async () => {
  const { caller, target } = await overLine({ bytesPerSecond: 200 * KIB, delayMs: 0 });
  const sent = Buffer.alloc(300 * KIB, 'peerchart');
  const begun = performance.now();
  caller.end(sent);
  target.end(sent);
  const received = await Promise.all([readAll(caller), readAll(target)]);
  const seconds = (performance.now() - begun) / 1_000;
  for (const bytes of received) expect(bytes.equals(sent)).toBe(true);
  expect(seconds).toBeGreaterThan(1.4);
  expect(seconds).toBeLessThan(3);
});

test('a byte needs the delay of the line, there and back', async () => {
  const { caller, target } = await overLine({ bytesPerSecond: 1_000 * KIB, delayMs: 100 });
  target.pipe(target);
  const begun = performance.now();
  caller.write('x');
  await once(caller, 'data');
  const ms = performance.now() - begun;
  expect(ms).toBeGreaterThan(199);
  expect(ms).toBeLessThan(400);
});

test('a line holds a sender back early: its queue and the buffers of the system are small', async () => {
  const { caller } = await overLine({ bytesPerSecond: 1 * KIB, delayMs: 0 });
  const offered = 4 * KIB * KIB;
  for (let at = 0; at < offered; at += 16 * KIB) caller.write(Buffer.alloc(16 * KIB));
  await wait(1_000);
  expect(offered - caller.writableLength).toBeLessThan(MAX_HELD_BYTES);
});

test('a hang-up at one end reaches the other', async () => {
  const { caller, target } = await overLine({ bytesPerSecond: 100 * KIB, delayMs: 10 });
  target.resume();
  caller.destroy();
  await once(target, 'end');
});

async function overLine(line: Line): Promise<{ caller: Socket; target: Socket }> {
  const proxy = await startShapingProxy();
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const listener: Server = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const port = await proxy.open((listener.address() as AddressInfo).port, line);
  const caller = connect(port, '127.0.0.1');
  const [target] = (await once(listener, 'connection')) as [Socket];
  for (const socket of [caller, target]) socket.on('error', () => {});
  onTestFinished(() => {
    for (const socket of [caller, target]) socket.destroy();
    listener.close();
  });
  return { caller, target };
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
