import { once } from 'node:events';
import type { Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventObject } from 'xstate';
import { type DialerEvent, tcpDialer } from '../../../src/io/adapters/tcp-dialer.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import { closed, freePort, LOOPBACK, listenOnLoopback } from '../../support/loopback.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const dial = (port: number, host = LOOPBACK) =>
  runAdapter<DialerEvent, EventObject, Endpoint>(tcpDialer, { host, port });

/** Longest wait for a thread to accept and reset, in ms. */
const RESET_TIMEOUT_MS = 5_000;

describe('dialling', () => {
  test('reports a stream that knows both its ends', async () => {
    const { port, accepted } = await listenOnLoopback();
    const there = accepted();
    const { reports } = dial(port);
    const { stream } = await reports.next('socket.connected');
    expect(stream).toMatchObject({
      remote: { host: LOOPBACK, port },
      local: { host: LOOPBACK, port: (await there).remotePort },
    });
    expect(reports.types).toEqual(['socket.connected']);
  });

  test('reads nothing until a reader is attached', async () => {
    const { port, accepted } = await listenOnLoopback();
    const there = accepted();
    const { stream } = await dial(port).reports.next('socket.connected');
    (await there).write('hello');
    await turns();
    expect(stream.duplex.isPaused()).toBe(true);
    const [chunk] = await once(stream.duplex.resume(), 'data');
    expect(String(chunk)).toBe('hello');
  });

  test('R6: a reset after the connection is no error of the process, and the dialler does not report it', async () => {
    const { port, accepted } = await listenOnLoopback();
    const there = accepted();
    const { reports } = dial(port);
    const { stream } = await reports.next('socket.connected');
    (await there).resetAndDestroy();
    await closed(stream.duplex.resume());
    expect(reports.types).toEqual(['socket.connected']);
  });

  test('a port without a listener refuses', async () => {
    const { reports } = dial(await freePort());
    expect(await reports.next('connect.refused')).toMatchObject({
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    await turns();
    expect(reports.types).toEqual(['connect.refused']);
  });

  test('a connection that is reset before we have seen it is lost, not failed', async () => {
    const { port, untilReset } = await resetterInThread();
    const { reports } = dial(port);
    process.nextTick(untilReset); // the connection is under way by then
    await reports.next('connect.lost');
    await turns();
    expect(reports.types).toEqual(['connect.lost']);
  });

  // ".invalid" never exists (RFC 2606), with a name server or without one
  test('any other error of the system is a failure', async () => {
    const { reports } = dial(1, 'invalid.invalid');
    expect(await reports.next('connect.failed')).toMatchObject({
      detail: expect.stringContaining('invalid.invalid'),
    });
  });
});

describe('stopping', () => {
  for (let count = 0; count < 6; count += 1)
    test(`stopping after ${count} turns leaves no open socket`, async () => {
      const { port, server } = await listenOnLoopback();
      const { reports, stop } = dial(port);
      await turns(count);
      stop();
      for (const { stream } of reports.of('socket.connected')) stream.destroy();
      const heard = reports.all.length;
      await connectionsAreGone(server);
      expect(reports.all).toHaveLength(heard);
    });

  test('in the tick of the connection destroys it, or hands it over: never neither', async () => {
    const { port, server, accepted } = await listenOnLoopback();
    const there = accepted();
    const { reports, stop } = dial(port);
    await there; // the dialler hears of it within this turn or the next
    stop();
    for (const { stream } of reports.of('socket.connected')) stream.destroy();
    await connectionsAreGone(server);
  });

  test('leaves a stream alone that was taken', async () => {
    const { port, accepted } = await listenOnLoopback();
    const there = accepted();
    const { reports, stop } = dial(port);
    const { stream } = await reports.next('socket.connected');
    stop();
    (await there).write('still here');
    const [chunk] = await once(stream.duplex.resume(), 'data');
    expect(String(chunk)).toBe('still here');
    stream.destroy();
  });

  test('after a refusal is quiet', async () => {
    const { reports, stop } = dial(await freePort());
    await reports.next('connect.refused');
    stop();
    await turns();
    expect(reports.types).toEqual(['connect.refused']);
  });
});

/** Resolves once every accepted socket has seen its end; a leak would let the test run into its timeout. */
async function connectionsAreGone(server: Server): Promise<void> {
  server.close();
  await closed(server);
}

/** A listener that resets each connection, while nothing happens here: `untilReset` blocks until that is done. */
async function resetterInThread() {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const server = require('node:net').createServer((socket) => {
       socket.resetAndDestroy().once('close', () => {
         Atomics.store(workerData, 0, 1);
         Atomics.notify(workerData, 0);
       });
     });
     server.listen(0, '${LOOPBACK}', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: done },
  );
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  return { port, untilReset: () => void Atomics.wait(done, 0, 0, RESET_TIMEOUT_MS) };
}
