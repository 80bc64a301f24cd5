import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openAdminApi } from '../../src/admin/admin-api.ts';
import { type AdminSources, adminTable } from '../../src/admin/admin-methods.ts';
import type { AdminOptions } from '../../src/admin/admin-options.ts';
import { Recordings } from '../../src/admin/recordings.ts';
import { IPC_FILE, RpcClient } from '../../src/admin/rpc-client.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { Server } from '../../src/server.ts';
import { listening } from '../cli/listening.ts';
import { scratch } from '../cli/scratch.ts';
import { LOOPBACK } from '../support/loopback.ts';

async function someServer() {
  const server = new Server({ nodeKey: generateNodeKey(), listen: { host: LOOPBACK, port: 0 } });
  onTestFinished(() => server.stop());
  await server.start();
  return server;
}

async function someApi(options?: AdminOptions) {
  const server = await someServer();
  const datadir = await scratch();
  const api = await openAdminApi({ server, datadir, networkId: 1 }, options);
  return { server, datadir, api };
}

async function clientOf(path: string): Promise<RpcClient> {
  const client = await RpcClient.open(path, { clock: systemClock });
  onTestFinished(() => client.close());
  return client;
}

async function ask(url: string, method: string): Promise<{ result?: unknown; error?: unknown }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method });
  const headers = { 'Content-Type': 'application/json' };
  return (await (await fetch(url, { method: 'POST', body, headers })).json()) as object;
}

test('by default there is the socket of the data directory, with every method', async () => {
  const { server, datadir, api } = await someApi();
  expect(api).toMatchObject({ ipc: join(datadir, IPC_FILE), http: null, ws: null, clients: 0 });
  const client = await clientOf(api.ipc!);
  expect(await client.call('rpc_modules')).toEqual({
    ...{ admin: '1.0', debug: '1.0', net: '1.0', peerchart: '1.0', rpc: '1.0', web3: '1.0' },
  });
  expect(await client.call('admin_nodeInfo')).toEqual(server.nodeInfo());
  expect(await client.call('admin_datadir')).toBe(datadir);
  expect(await client.call('net_version')).toBe('1');
  expect(await client.call('peerchart_limits')).toMatchObject({
    admin: { clients: 1, slowClients: 0, maxRequestBytes: 1_048_576, maxBatchCalls: 1_000 },
  });
});

test('without a data directory there is no socket, unless a path is given', async () => {
  const server = await someServer();
  const api = await openAdminApi({ server, datadir: null });
  expect(api.ipc).toBe(null);
  const ipc = join(await scratch(), 'here');
  const other = await openAdminApi({ server, datadir: null }, { ipc });
  expect(await (await clientOf(ipc)).call('net_peerCount')).toBe('0x0');
  expect(other.ipc).toBe(ipc);
});

test('HTTP has the namespaces that were asked for, WebSocket its own', async () => {
  const { api } = await someApi({
    ipc: null,
    http: { port: 0 },
    ws: { port: 0, apis: ['admin'] },
  });
  expect(api.ipc).toBe(null);
  expect(await ask(api.http!, 'rpc_modules')).toMatchObject({
    result: { net: '1.0', rpc: '1.0', web3: '1.0' },
  });
  expect(await ask(api.http!, 'admin_peers')).toMatchObject({ error: { code: -32_601 } });
  expect(api.ws).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  expect(api.ws!.slice('ws'.length)).not.toBe(api.http!.slice('http'.length));
});

test('HTTP and WebSocket share a port when it is the same', async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((closed) => server.close(closed));
  const { api } = await someApi({ ipc: null, http: { port }, ws: { port } });
  expect([api.http, api.ws]).toEqual([`http://${LOOPBACK}:${port}`, `ws://${LOOPBACK}:${port}`]);
});

test('a client gets an event for each peer that comes or goes, and can ask why a connection ended', async () => {
  const { api, server } = await someApi();
  const other = new Server({ nodeKey: generateNodeKey(), listen: { host: LOOPBACK, port: 0 } });
  onTestFinished(() => other.stop());
  await other.start();
  const client = await clientOf(api.ipc!);
  const events = client.notifications(await client.call('admin_subscribe', ['peerEvents']));
  const { id, enode } = other.self;
  const added = events.next();
  const admin = await clientOf(api.ipc!);
  expect(await admin.call('admin_addPeer', [enode])).toBe(true);
  expect((await added).value).toMatchObject({ type: 'add', peer: id });
  expect(await admin.call('admin_peers')).toEqual(server.peersInfo());
  expect(await admin.call('peerchart_connections')).toMatchObject([
    { chart: 'peer', nodeId: id, direction: 'static' },
  ]);
  expect(api.clients).toBe(2);
  expect(await admin.call('admin_removePeer', [enode])).toBe(true);
  expect((await events.next()).value).toMatchObject({ type: 'drop', peer: id });
  expect(await admin.call('peerchart_why', [id])).toMatchObject([
    { type: 'drop', id, state: 'ending.rejected.requested' },
  ]);
});

test('recordings are for clients of the socket, when something records', async () => {
  const server = await someServer();
  const datadir = await scratch();
  const paths: string[] = [];
  const record = async (_: Server, path: string) => {
    paths.push(path);
    return { path, bytes: 0, why: null, close: async () => void paths.push('closed') };
  };
  const http = { port: 0, apis: ['peerchart'] };
  const api = await openAdminApi({ server, datadir }, { http }, { record });
  const client = await clientOf(api.ipc!);
  expect(await client.call('peerchart_startRecording', ['/a'])).toEqual({ path: '/a' });
  expect(await ask(api.http!, 'peerchart_stopRecording')).toMatchObject({
    error: { code: -32_601 },
  });
  await api.close();
  expect(paths).toEqual(['/a', 'closed']);
  const without = await openAdminApi({ server, datadir });
  const other = await clientOf(without.ipc!);
  await expect(other.call('peerchart_startRecording', ['/a'])).rejects.toMatchObject({
    code: -32_601,
  });
});

test('docs/admin.md has every method', async () => {
  const page = readFileSync(new URL('../../docs/admin.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/^\| `([a-z\d]+_\w+)` \|/gim)].map(([, name]) => name!);
  const { methods } = adminTable({} as AdminSources);
  const recordings = new Recordings({} as Server, () => expect.unreachable());
  const names = new Map([...methods, ...recordings.methods]).keys();
  const own = ['admin_subscribe', 'admin_unsubscribe', 'rpc_modules'];
  expect(named.sort()).toEqual([...names, ...own].sort());
});

test('clients that leave at any moment leave nothing behind', async () => {
  const { api } = await someApi({ ws: { port: 0, apis: ['admin'] } });
  const ask = (id: number, method: string, ...params: readonly string[]): string =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const texts = [
    ask(1, 'admin_subscribe', 'peerEvents') + ask(2, 'admin_nodeInfo'),
    ask(1, 'admin_peers').slice(0, 20),
    `[${ask(1, 'admin_nodeInfo')},${ask(2, 'admin_unsubscribe', '0x')}]`,
    '}',
    '',
  ];
  const gone = Array.from({ length: 20 }, async (_, number) => {
    const socket = connect(api.ipc!).on('error', () => {});
    await once(socket, 'connect');
    socket.write(texts[number % texts.length]!);
    if (number % 2 === 0) await new Promise(setImmediate);
    if (number % 3 === 0) socket.end();
    else socket.destroy();
    socket.resume();
    const client = new WebSocket(api.ws!).on('error', () => {});
    await once(client, 'open');
    client.send(texts[number % texts.length]!);
    if (number % 2 === 0) await new Promise(setImmediate);
    if (number % 3 === 0) client.close();
    else client.terminate();
    await once(client, 'close');
  });
  await Promise.all(gone);
  await expect.poll(() => api.clients, { timeout: 5_000 }).toBe(0);
  expect(api.slowClients).toBe(0);
  expect(await (await clientOf(api.ipc!)).call('net_listening')).toBe(true);
});

test('it is closed with the server', async () => {
  const { api, server, datadir } = await someApi({ http: { port: 0 }, ws: { port: 0 } });
  const client = await clientOf(api.ipc!);
  await client.call('net_listening');
  await server.stop();
  expect(await readdir(datadir)).toEqual([]);
  await expect(client.call('net_listening')).rejects.toThrow('ended before the answer');
  await expect(ask(api.http!, 'net_listening')).rejects.toThrow();
  await api.close(); // once more
});

test('it may be closed before the server, and opened again', async () => {
  const { api, server, datadir } = await someApi();
  await api[Symbol.asyncDispose]();
  const again = await openAdminApi({ server, datadir });
  expect(await (await clientOf(again.ipc!)).call('net_listening')).toBe(true);
});

test('when one endpoint cannot be opened, none stays open', async () => {
  const server = await someServer();
  const datadir = await scratch();
  const port = await listening(createServer());
  const opening = openAdminApi({ server, datadir }, { http: { port: 0 }, ws: { port } });
  await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(await readdir(datadir)).toEqual([]);
});

test('a wrong option is refused before anything is opened', async () => {
  const server = await someServer();
  const opening = openAdminApi({ server, datadir: null }, { http: { port: -1 } });
  await expect(opening).rejects.toThrow(TypeError);
});
