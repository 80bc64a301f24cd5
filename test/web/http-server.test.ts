import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';

import { CLOSE_TIMEOUT_MS, HTTP_LIMITS, openHttpServer } from '../../src/web/http-server.ts';
import { type SomeSite, someSite, textUntilClose } from '../inspect/web/page-server-fixture.ts';
import { closed, connectTo, LOOPBACK } from '../support/loopback.ts';
import { StepClock } from '../support/step-clock.ts';

/** So that a test need not wait for what a person would not. */
const HASTY = {
  ...HTTP_LIMITS,
  headersTimeout: 500,
  requestTimeout: 800,
  connectionsCheckingInterval: 10,
};

const NO_ACTS = {
  addPeer: () => {},
  removePeer: async () => {},
  addTrustedPeer: () => {},
  removeTrustedPeer: () => {},
  peers: [],
};

async function headOfAction(some: SomeSite, ...more: readonly string[]): Promise<string> {
  const token = await some.signIn();
  return [
    'POST /api/actions/addPeer HTTP/1.1',
    `Host: ${LOOPBACK}:${some.port}`,
    'Content-Type: application/json',
    `x-peerchart-token: ${token}`,
    ...more,
    '',
    '',
  ].join('\r\n');
}

test('the limits are those of the specification', () => {
  expect(HTTP_LIMITS).toMatchObject({
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    maxConnections: 64,
    maxHeaderSize: 16_384,
  });
});

test('slow headers are cut off', async () => {
  const some = await someSite({ limits: HASTY });
  const socket = some.connect();
  socket.write('GET / HTTP/1.1\r\nHost: ');
  expect(await textUntilClose(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

test('a slow body is cut off', async () => {
  const some = await someSite({ limits: HASTY, target: NO_ACTS });
  const head = await headOfAction(some, 'Content-Length: 100');
  const socket = some.connect(); // its time begins now
  socket.write(`${head}{"enode":`);
  expect(await textUntilClose(socket)).toMatch(/^HTTP\/1\.1 408 /);
  await some.site.close();
  expect(some.faults).toEqual([]);
});

test('a body that is cut off is no internal error', async () => {
  const some = await someSite({ target: NO_ACTS });
  const socket = some.connect();
  const head = await headOfAction(some, 'Content-Length: 100');
  socket.write(`${head}{"enode":`);
  await some.signIn(); // it has arrived
  socket.destroy();
  await some.signIn();
  await some.site.close();
  expect(some.faults).toEqual([]);
});

test('a silent connection is closed', async () => {
  const some = await someSite({ limits: { ...HTTP_LIMITS, idleTimeout: 20 } });
  expect(await textUntilClose(some.connect())).toBe('');
});

test('a body of 2 MiB is refused before it arrives', async () => {
  const some = await someSite({ target: NO_ACTS });
  const socket = some.connect();
  const text = textUntilClose(socket);
  socket.write(await headOfAction(some, `Content-Length: ${2 * 1024 * 1024}`));
  socket.write(Buffer.alloc(2 * 1024 * 1024, 0x20));
  expect(await text).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*"error"/i);
});

test('endless chunks are refused at the first above the limit', async () => {
  const some = await someSite({ target: NO_ACTS });
  const socket = some.connect();
  const text = textUntilClose(socket);
  socket.write(await headOfAction(some, 'Transfer-Encoding: chunked'));
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
  const more = (): void => {
    while (socket.writable && socket.write(chunk));
    if (socket.writable) socket.once('drain', more);
  };
  more();
  expect(await text).toMatch(/^HTTP\/1\.1 413 /);
});

test('a body of a GET does not keep the connection open', async () => {
  const some = await someSite();
  const socket = some.connect();
  const text = textUntilClose(socket);
  socket.write(
    `POST / HTTP/1.1\r\nHost: ${LOOPBACK}:${some.port}\r\nContent-Length: 999999\r\n\r\n`,
  );
  expect(await text).toMatch(/^HTTP\/1\.1 405 /);
});

test('headers of more than 16 KiB are refused', async () => {
  const some = await someSite();
  const socket = some.connect();
  const text = textUntilClose(socket);
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${LOOPBACK}:${some.port}\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
  );
  expect(await text).toMatch(/^HTTP\/1\.1 431 /);
});

test('connections above the limit are closed when they are accepted', async () => {
  const patient = { headersTimeout: 60_000, requestTimeout: 60_000, idleTimeout: 60_000 };
  const some = await someSite({ limits: { ...HTTP_LIMITS, ...patient, maxConnections: 3 } });
  const sockets = await Promise.all([1, 2, 3].map(() => connectTo(some.port)));
  const request = `GET / HTTP/1.1\r\nHost: ${LOOPBACK}:${some.port}\r\nConnection: close\r\n\r\n`;
  const one = some.connect();
  const answer = textUntilClose(one);
  one.write(request);
  expect(await answer).toBe('');
  const [first] = sockets;
  const answered = textUntilClose(first!);
  first!.write(request);
  expect(await answered).toMatch(/^HTTP\/1\.1 200 /);
  expect(sockets.map(({ closed }) => closed)).toEqual([true, false, false]);
});

test('closing waits for unfinished answers, but not for long', async () => {
  const clock = new StepClock();
  const requests = new EventEmitter();
  const server = await openHttpServer({
    host: LOOPBACK,
    port: 0,
    hostNames: [],
    limits: HTTP_LIMITS,
    clock,
    listenerAt: () => (_, outgoing) => {
      outgoing.writeHead(200).write('begun');
      requests.emit('asked');
    },
  });
  const socket = await connectTo(server.at.port);
  const over = closed(socket.resume());
  const asked = once(requests, 'asked');
  socket.write(`GET / HTTP/1.1\r\nHost: ${LOOPBACK}:${server.at.port}\r\n\r\n`);
  await asked;

  const ended = server.close();
  clock.advance(CLOSE_TIMEOUT_MS - 1);
  expect(socket.destroyed).toBe(false);
  clock.advance(1);
  await ended;
  await over;
  expect(clock.pending).toBe(0);
});

test('closing without an unfinished answer leaves no timer', async () => {
  const clock = new StepClock();
  const options = { host: LOOPBACK, port: 0, hostNames: [], limits: HTTP_LIMITS, clock };
  const server = await openHttpServer({ ...options, listenerAt: () => () => {} });
  await server.close();
  expect(clock.pending).toBe(0);
});

test('when it cannot listen, it rejects with the system error', async () => {
  const some = await someSite();
  const limits = HTTP_LIMITS;
  const options = { host: LOOPBACK, port: some.port, hostNames: [], limits, clock: some.clock };
  const opened = openHttpServer({ ...options, listenerAt: () => () => {} });
  await expect(opened).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
