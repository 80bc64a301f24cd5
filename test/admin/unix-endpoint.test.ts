import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RpcStream } from '../../src/admin/rpc-connection.ts';
import {
  AdminError,
  MAX_IPC_CLIENTS,
  MAX_PATH_BYTES,
  openUnixEndpoint,
} from '../../src/admin/unix-endpoint.ts';
import { scratch } from '../cli/scratch.ts';

/** An endpoint that sends back each text. */
async function someEndpoint(path: string) {
  const streams: RpcStream[] = [];
  const faults: unknown[] = [];
  const endpoint = await openUnixEndpoint(path, async (transport) => {
    streams.push(transport);
    try {
      for await (const text of transport.texts) transport.stream.write(text + transport.separator);
      transport.stream.end();
    } catch (error) {
      faults.push(error);
      transport.stream.end('refused\n');
    }
  });
  onTestFinished(() => endpoint.close());
  return { endpoint, streams, faults };
}

/** What a client that sends `text` and ends gets back. */
async function exchange(path: string, text: string): Promise<string> {
  const socket = connect(path).setEncoding('utf8');
  onTestFinished(() => void socket.destroy());
  socket.end(text);
  let got = '';
  for await (const part of socket) got += part;
  return got;
}

test('a client gets an answer, also when it has ended its own side', async () => {
  const path = join(await scratch(), 'ipc');
  await someEndpoint(path);
  expect(await exchange(path, '{"a":1}[2]')).toBe('{"a":1}\n[2]\n');
});

test.for(['7', '{}x', '{"a":'])(
  'what cannot be read gets a last answer: %j',
  async (text, { expect }) => {
    const path = join(await scratch(), 'ipc');
    const { faults } = await someEndpoint(path);
    expect(await exchange(path, text)).toMatch(/refused\n$/);
    expect(faults).toMatchObject([{ code: -32_700 }]);
  },
);

test('the socket and its new folder are for the user of the node only', async () => {
  const folder = join(await scratch(), 'new');
  const path = join(folder, 'ipc');
  await someEndpoint(path);
  expect((await lstat(folder)).mode & 0o777).toBe(0o700);
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['ipc']);
});

test('the socket goes when the endpoint is closed, and connections end', async () => {
  const folder = await scratch();
  const path = join(folder, 'ipc');
  const { endpoint } = await someEndpoint(path);
  const socket = connect(path).resume();
  await once(socket, 'connect');
  await Promise.all([endpoint.close(), once(socket, 'close')]);
  expect(await readdir(folder)).toEqual([]);
});

test('the socket of a later node stays', async () => {
  const path = join(await scratch(), 'ipc');
  const { endpoint } = await someEndpoint(path);
  await rm(path);
  await someEndpoint(path);
  await endpoint.close();
  expect(await exchange(path, '{}')).toBe('{}\n');
});

test('a socket that a killed node has left is replaced', async () => {
  const path = join(await scratch(), 'ipc');
  const server = createServer().listen(`${path}.made`);
  await once(server, 'listening');
  await rename(`${path}.made`, path); // so that its end leaves it there
  server.close();
  await once(server, 'close');
  expect((await lstat(path)).isSocket()).toBe(true);
  await someEndpoint(path);
  expect(await exchange(path, '{}')).toBe('{}\n');
});

test('the socket of a running node is left alone', async () => {
  const path = join(await scratch(), 'ipc');
  await someEndpoint(path);
  await expect(openUnixEndpoint(path, () => {})).rejects.toThrow(`${path} is in use by another`);
  expect(await exchange(path, '{}')).toBe('{}\n');
});

test('a file, a folder or a link is left as it is', async () => {
  const folder = await scratch();
  const path = join(folder, 'ipc');
  const refused = async () => {
    await expect(openUnixEndpoint(path, () => {})).rejects.toThrow(AdminError);
    await rm(path, { recursive: true });
  };
  await writeFile(path, 'mine');
  await refused();
  await mkdir(path);
  await refused();
  await symlink(join(folder, 'elsewhere'), path);
  await refused();
  expect(await readdir(folder)).toEqual([]);
});

test('a path that is too long is refused', async () => {
  const path = join(await scratch(), 'x'.repeat(MAX_PATH_BYTES));
  await expect(openUnixEndpoint(path, () => {})).rejects.toThrow('more than 103 bytes');
  const folder = '/'.padEnd(MAX_PATH_BYTES - '/.XXXXXX/s'.length + 1, 'x'); // too long for where it is made
  await expect(openUnixEndpoint(join(folder, 'i'), () => {})).rejects.toThrow('more than 103');
});

test('when the folder cannot be used, nothing is left in it', async () => {
  const folder = await scratch();
  await writeFile(join(folder, 'file'), '');
  await expect(openUnixEndpoint(join(folder, 'file', 'ipc'), () => {})).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['file']);
  await chmod(folder, 0o700);
});

test('clients above the limit are closed when they are accepted', async () => {
  const path = join(await scratch(), 'ipc');
  const { streams } = await someEndpoint(path);
  const sockets = Array.from({ length: MAX_IPC_CLIENTS + 1 }, () => connect(path).resume());
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await once(sockets.at(-1)!, 'close');
  expect(streams).toHaveLength(MAX_IPC_CLIENTS);
});
