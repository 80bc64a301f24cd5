import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ANSWER_TIMEOUT_MS, RpcClient, RpcClientError } from '../../src/admin/rpc-client.ts';
import { scratch } from '../cli/scratch.ts';
import { StepClock } from '../support/step-clock.ts';

/** A server whose answers a test writes, and a client that is connected to it. */
async function someNode() {
  const path = join(await scratch(), 'ipc');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const clock = new StepClock();
  const stop = new AbortController();
  const opened = RpcClient.open(path, { clock, signal: stop.signal });
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.setEncoding('utf8').on('error', () => {});
  const client = await opened;
  onTestFinished(() => {
    client.close();
    socket.destroy();
    server.close();
  });
  const asked = async (): Promise<{ id: number }> =>
    JSON.parse(String((await once(socket, 'data'))[0]));
  const send = (...messages: readonly object[]): void =>
    void socket.write(messages.map((message) => JSON.stringify(message)).join('\n'));
  return { client, clock, socket, stop, asked, send };
}

const notified = (subscription: string, result: unknown) => ({
  jsonrpc: '2.0',
  method: 'admin_subscription',
  params: { subscription, result },
});

test('a call is asked as JSON-RPC and gives its result', async () => {
  const { client, clock, asked, send } = await someNode();
  const result = client.call('admin_addPeer', ['enode://…']);
  expect(await asked()).toEqual({
    jsonrpc: '2.0',
    id: 1,
    method: 'admin_addPeer',
    params: ['enode://…'],
  });
  send({ id: 1, result: true });
  expect([await result, clock.pending]).toEqual([true, 0]);
  const next = client.call('admin_peers');
  expect(await asked()).toMatchObject({ id: 2, params: [] });
  send({ id: 2, result: null });
  expect(await next).toBe(null);
});

test('notifications of a subscription are read one by one, those before an answer too', async () => {
  const { client, socket, asked, send } = await someNode();
  const id = client.call('admin_subscribe', ['peerEvents']);
  await asked();
  send(notified('0x1', 'early'), { id: 1, result: '0x1' }, notified('0x2', 'of another'));
  const events = client.notifications(await id);
  expect(await events.next()).toEqual({ done: false, value: 'early' });
  send(notified('0x1', 'late'));
  expect(await events.next()).toEqual({ done: false, value: 'late' });
  socket.end();
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

describe('a call fails', () => {
  test('with the code of the node', async () => {
    const { client, asked, send } = await someNode();
    const result = client.call('admin_addPeer', ['x']);
    await asked();
    send({ id: 1, error: { code: -32_000, message: 'no enode' } });
    await expect(result).rejects.toMatchObject({ code: -32_000, message: 'no enode' });
  });

  test.for<[string, string, RegExp]>([
    ['an end', '', /ended before the answer/],
    ['half an answer', '{"id":', /ended before the answer/],
    ['no JSON', '{id:1}', /cannot be read/],
    ['no message', 'HTTP/1.1 400', /cannot be read/],
  ])('with %s instead of an answer', async ([, text, message], { expect }) => {
    const { client, socket, asked } = await someNode();
    const result = client.call('admin_peers');
    await asked();
    socket.end(text);
    await expect(result).rejects.toThrow(message);
    await expect(result).rejects.toBeInstanceOf(RpcClientError);
  });

  test('without an answer in time', async () => {
    const { client, clock, asked } = await someNode();
    const result = client.call('admin_peers');
    await asked();
    clock.advance(ANSWER_TIMEOUT_MS);
    await expect(result).rejects.toThrow('ended before the answer');
    expect(clock.pending).toBe(0);
  });

  test('when it is interrupted', async () => {
    const { client, asked, stop } = await someNode();
    const result = client.call('admin_peers');
    await asked();
    stop.abort();
    await expect(result).rejects.toBeInstanceOf(RpcClientError);
  });
});

test('where no node listens, it says so', async () => {
  const path = join(await scratch(), 'ipc');
  const clock = new StepClock();
  await expect(RpcClient.open(path, { clock })).rejects.toThrow('no node runs with this data');
  const signal = AbortSignal.abort();
  await expect(RpcClient.open(path, { clock, signal })).rejects.toBeInstanceOf(RpcClientError);
});
