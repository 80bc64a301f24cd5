import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type SocketServerCommand,
  type SocketServerEvent,
  tcpListener,
  tcpStream,
} from '../../../src/io/adapters/tcp-listener.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import {
  attempt,
  bytesUntilClose,
  closed,
  connectTo,
  freePort,
  LOOPBACK,
  listenOnLoopback,
} from '../../support/loopback.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

/** Connects, resets and says so, in another thread. */
const RESETS_AT_ONCE = `
  const { workerData: { port, isReset } } = require('node:worker_threads');
  const socket = require('node:net').connect(port, '${LOOPBACK}', () => socket.resetAndDestroy());
  socket.on('close', () => {
    Atomics.store(isReset, 0, 1);
    Atomics.notify(isReset, 0);
  });`;

function start(port = 0, host = LOOPBACK) {
  const input = { host, port };
  const listener = runAdapter<SocketServerEvent, SocketServerCommand, Endpoint>(tcpListener, input);
  onTestFinished(() => {
    listener.stop();
    for (const { stream } of listener.reports.of('socket.accepted')) stream.destroy();
  });
  return listener;
}

async function listen() {
  const listener = start();
  const { address } = await listener.reports.next('socket.bound');
  return { ...listener, address, port: address.port };
}

describe('binding', () => {
  test('to port 0 reports the address that it became', async () => {
    const { address, reports } = await listen();
    expect(address.host).toBe(LOOPBACK);
    expect(address.port).toBeGreaterThan(0);
    expect(reports.types).toEqual(['socket.bound']);
  });

  test('to a port that is taken fails, with what the system said', async () => {
    const { port } = await listenOnLoopback();
    const { reports } = start(port);
    expect(await reports.next('bind.failed')).toMatchObject({
      message: expect.stringContaining('EADDRINUSE'),
    });
    await turns();
    expect(reports.types).toEqual(['bind.failed']);
  });

  test('to an address that is not ours fails', async () => {
    const { reports } = start(0, '192.0.2.1');
    await reports.next('bind.failed');
  });

  test('leaves no listening socket when it was stopped meanwhile', async () => {
    const port = await freePort();
    const { stop, reports } = start(port);
    stop();
    await turns();
    expect(await attempt(port)).toBe('ECONNREFUSED');
    expect(reports.all).toEqual([]);
  });
});

describe('accepting', () => {
  test('reports a stream that knows both its ends', async () => {
    const { reports, address } = await listen();
    const client = await connectTo(address.port);
    const { stream } = await reports.next('socket.accepted');
    expect(stream).toMatchObject({
      local: address,
      remote: { host: LOOPBACK, port: client.localPort },
    });
  });

  test('on a socket of both families, an IPv4 caller has its IPv4 address', async () => {
    const { reports } = start(0, '::');
    const { address } = await reports.next('socket.bound');
    await connectTo(address.port);
    const { stream } = await reports.next('socket.accepted');
    expect([stream.remote.host, stream.local.host]).toEqual([LOOPBACK, LOOPBACK]);
  });

  test('R6: reads nothing until a reader is attached', async () => {
    const { reports, port } = await listen();
    const client = await connectTo(port);
    client.write('hello');
    const { stream } = await reports.next('socket.accepted');
    await turns();
    expect(stream.duplex.isPaused()).toBe(true);
    const [chunk] = await once(stream.duplex.resume(), 'data');
    expect(String(chunk)).toBe('hello');
  });

  test('R1: who is turned away does not get a byte', async () => {
    const { reports, port, send } = await listen();
    const client = await connectTo(port);
    const { stream } = await reports.next('socket.accepted');
    send({ type: 'turn.away', stream });
    expect(await bytesUntilClose(client)).toBe(0);
    expect(stream.duplex.destroyed).toBe(true);
  });

  test('R6: a reset within the tick of the accept is no error of the process', async () => {
    const { reports, port } = await listen();
    for (let i = 0; i < 100; i += 1) (await connectTo(port)).resetAndDestroy();
    const calm = await connectTo(port);
    for (;;) {
      const { stream } = await reports.next('socket.accepted');
      if (stream.remote.port === calm.localPort) break;
    }
    expect(new Set(reports.types)).toEqual(new Set(['socket.bound', 'socket.accepted']));
  });

  test('R6: a reset at any later time stays with its stream', async () => {
    const { reports, port } = await listen();
    const client = await connectTo(port);
    const { stream } = await reports.next('socket.accepted');
    client.resetAndDestroy();
    await closed(stream.duplex.resume());
    expect(await attempt(port)).toBe('connect');
  });

  test('R6: a connection that was reset before it was accepted is not kept', async () => {
    const { reports, port, send } = await listen();
    const isReset = new Int32Array(new SharedArrayBuffer(4));
    const caller = new Worker(RESETS_AT_ONCE, { eval: true, workerData: { port, isReset } });
    Atomics.wait(isReset, 0, 0, 10_000); // nothing can be accepted meanwhile
    await once(caller, 'exit');
    await connectTo(port);
    const { stream } = await reports.next('socket.accepted'); // the next one
    stream.destroy();
    send({ type: 'close' });
    await reports.next('socket.closed');
    expect([isReset[0], reports.of('socket.accepted').length]).toEqual([1, 1]);
  });

  test('a socket without a far end is no stream', () => {
    expect(tcpStream(new Socket())).toBeNull();
  });
});

describe('closing', () => {
  test('reports when the address is given back', async () => {
    const { reports, port, send } = await listen();
    send({ type: 'close' });
    await reports.next('socket.closed');
    expect(await attempt(port)).toBe('ECONNREFUSED');
  });

  test('accepts no more connections, and waits for the open ones', async () => {
    const { reports, port, send } = await listen();
    await connectTo(port);
    const { stream } = await reports.next('socket.accepted');
    send({ type: 'close' });
    expect(await attempt(port)).toBe('ECONNREFUSED');
    expect(reports.of('socket.closed')).toEqual([]);
    stream.destroy();
    await reports.next('socket.closed');
  });

  test('happens by itself when it is stopped; accepted streams stay open', async () => {
    const { reports, port, stop } = await listen();
    const client = await connectTo(port);
    const { stream } = await reports.next('socket.accepted');
    stop();
    expect(await attempt(port)).toBe('ECONNREFUSED');
    client.write('still here');
    const [chunk] = await once(stream.duplex.resume(), 'data');
    expect(String(chunk)).toBe('still here');
  });

  test('may be commanded twice', async () => {
    const { reports, send, stop } = await listen();
    send({ type: 'close' });
    send({ type: 'close' });
    await reports.next('socket.closed');
    stop();
    await turns();
    expect(reports.of('socket.bound')).toHaveLength(1);
  });

  test('leaves no connection behind that the system had accepted already', async () => {
    const { reports, port, send } = await listen();
    const late = await connectTo(port);
    send({ type: 'close' });
    await turns();
    for (const { stream } of reports.of('socket.accepted')) send({ type: 'turn.away', stream });
    await closed(late);
    await reports.next('socket.closed');
  });
});
