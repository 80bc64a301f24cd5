import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Ports, ServerOptions } from '../../src/api/options.ts';
import type { PingOptions } from '../../src/cli/ping.ts';
import { ping } from '../../src/cli/ping.ts';
import type { PingReport } from '../../src/cli/report.ts';
import type { Node } from '../../src/io/crypto/node.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';
import { StepClock } from '../support/step-clock.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { listening } from './listening.ts';

const JSON_20S: PingOptions = { json: true, timeout: 20 };

function enodeOn(port: number): Node {
  return parseNode(`enode://${publicKeyHex(generateNodeKey().publicKey)}@127.0.0.1:${port}`);
}

async function someServer(options: Partial<ServerOptions> = {}): Promise<Server> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    ...options,
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

async function answerTo(enode: Node): Promise<{ code: number; report: PingReport }> {
  const terminal = new FakeTerminal();
  const code = await ping(enode, JSON_20S, terminal);
  const line = await terminal.line(() => true);
  expect(terminal.lines).toHaveLength(1);
  expect(terminal.errors).toBe('');
  return { code, report: JSON.parse(line) as PingReport };
}

/** A ping of a node that takes our auth and sends nothing, at the moment the auth has arrived. */
async function silence(timeout: number) {
  const server = createServer();
  const enode = enodeOn(await listening(server));
  const clock = new StepClock();
  const ports: Partial<Ports> = { clock };
  const terminal = new FakeTerminal();
  const code = ping(enode, { json: true, timeout }, terminal, ports);
  const [socket] = (await once(server, 'connection')) as [Socket];
  await once(socket, 'data');
  return { terminal, code, clock };
}

describe('a node that answers', () => {
  test('has its Hello printed, although it rejects us', async () => {
    const { self } = await someServer({ name: 'some client', protocols: [echo()] });
    expect(await answerTo(parseNode(self.enode))).toEqual({
      code: 0,
      report: {
        time: expect.any(String),
        type: 'ping.answered',
        id: self.id,
        address: `127.0.0.1:${self.address?.port}`,
        client: 'some client',
        capabilities: ['echo/1'],
        ms: expect.any(Number),
      },
    });
  });

  test('is dialled only once', async () => {
    const server = await someServer();
    let ended = 0;
    server.on('add', () => {
      ended += 1;
    });
    await answerTo(parseNode(server.self.enode));
    expect(ended).toBe(1);
  });

  test('is shown to people in a few lines', async () => {
    const { self } = await someServer({ name: 'some client' });
    const terminal = new FakeTerminal();
    expect(await ping(parseNode(self.enode), { timeout: 20 }, terminal)).toBe(0);
    await terminal.line((line) => /round trip {4}\d+ ms$/.test(line));
    expect(terminal.lines[0]).toMatch(/^\d\d:\d\d:09 Hello from "some client"$/);
  });
});

describe('a failure is reported with its state and a hint', () => {
  test('nothing listens there', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');

    const { code, report } = await answerTo(enodeOn(port));

    expect(code).toBe(1);
    expect(report).toMatchObject({
      type: 'ping.failed',
      state: 'connectionRefused',
      during: null,
      hint: expect.stringMatching(/that the node runs/),
    });
  });

  test('the key belongs to another node', async () => {
    const { self } = await someServer();

    const { code, report } = await answerTo(enodeOn(self.address!.port));

    expect(code).toBe(1);
    expect(report).toMatchObject({
      state: expect.stringMatching(/^failed\.connection(Closed|Reset)$/),
      during: 'encHandshake.awaitingAck',
      explanation: { verdict: expect.stringMatching(/public key .* probably not theirs/) },
      hint: expect.stringMatching(/fresh enode/),
    });
  });

  test('a web server answers', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });

    const { code, report } = await answerTo(enodeOn(await listening(server)));

    expect(code).toBe(1);
    expect(report).toMatchObject({
      state: 'failed.handshakeSizeOutOfRange',
      during: 'encHandshake.awaitingAck',
      explanation: { verdict: 'This is a web server, not RLPx: their first bytes say so.' },
      hint: expect.stringMatching(/Compare the port/),
    });
  });

  test('the node is full', async () => {
    const { self } = await someServer({ maxPeers: 0 });

    const { code, report } = await answerTo(parseNode(self.enode));

    expect(code).toBe(1);
    expect(report).toMatchObject({
      reason: 'tooManyPeers',
      state: 'refused.tooManyPeers',
      during: 'protoHandshake',
      hint: expect.stringMatching(/later/),
    });
  });

  test('the enode has no port', async () => {
    const { code, report } = await answerTo(enodeOn(0));
    expect(code).toBe(1);
    expect(report).toMatchObject({ state: 'noTcpPort' });
  });

  test('no answer: the handshake has its own time limit', async () => {
    const { terminal, code, clock } = await silence(20);

    clock.advance(ENC_HANDSHAKE_TIMEOUT_MS);

    expect(await terminal.report('ping.failed')).toMatchObject({
      state: 'failed.encHandshakeTimeout',
      during: 'encHandshake.awaitingAck',
      explanation: { verdict: expect.stringMatching(/did not answer our auth: the public key/) },
      hint: expect.stringMatching(/fresh enode/),
      ms: ENC_HANDSHAKE_TIMEOUT_MS,
    });
    expect(await code).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('no answer within --timeout', async () => {
    const { terminal, code, clock } = await silence(2);

    clock.advance(2000);

    expect(await terminal.report('ping.failed')).toMatchObject({
      state: 'failed.aborted',
      during: 'encHandshake.awaitingAck',
      why: 'Gave up after 2 s.',
      explanation: { verdict: expect.stringMatching(/did not answer our auth: the public key/) },
      hint: expect.stringMatching(/fresh enode/),
    });
    expect(await code).toBe(1);
  });

  test('the user interrupts', async () => {
    const { terminal, code, clock } = await silence(20);

    terminal.stop();

    expect(await terminal.report('ping.failed')).toMatchObject({ why: 'Interrupted.', hint: null });
    expect(await code).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('the user has interrupted before the start', async () => {
    const terminal = new FakeTerminal();
    terminal.stop();
    expect(await ping(enodeOn(1), JSON_20S, terminal)).toBe(1);
    expect(await terminal.report('ping.failed')).toMatchObject({ why: 'Interrupted.' });
  });

  test('people get one line', async () => {
    const { self } = await someServer({ maxPeers: 0 });
    const terminal = new FakeTerminal();
    expect(await ping(parseNode(self.enode), { timeout: 20 }, terminal)).toBe(1);
    expect(await terminal.line(() => true)).toMatch(
      /^\d\d:\d\d:09 No Hello from 127\.0\.0\.1:\d+: They have no free slot\. Hint: .*\[protoHandshake → refused\.tooManyPeers\]$/,
    );
    expect(terminal.lines).toHaveLength(1);
  });
});
