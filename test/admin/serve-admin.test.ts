import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { IPC_FILE, RpcClient } from '../../src/admin/rpc-client.ts';
import { serveAdmin } from '../../src/admin/serve-admin.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { Node } from '../../src/node.ts';
import { Server } from '../../src/server.ts';
import { scratch } from '../cli/scratch.ts';

test('it opens the API of a running server with its options', async () => {
  const server = new Server({ nodeKey: generateNodeKey(), listen: null });
  onTestFinished(() => server.stop());
  await server.start();
  const ipc = join(await scratch(), 'ipc');
  const api = await serveAdmin({ ipc, http: { port: 0 } })({ server, datadir: null });
  expect(api).toMatchObject({ ipc, http: expect.stringMatching(/^http:/), ws: null });
  await expect(serveAdmin({ ipc })({ server, datadir: null })).rejects.toThrow('in use');
});

test('a node opens it last, closes it first, and opens it again when it is started again', async () => {
  const datadir = await scratch();
  await using node = new Node({
    datadir,
    networkId: 7,
    server: { listen: null },
    apis: [serveAdmin()],
  });
  for (const _ of ['first', 'second']) {
    await node.start();
    const client = await RpcClient.open(join(datadir, IPC_FILE), { clock: systemClock });
    expect(await client.call('net_version')).toBe('7');
    expect(await client.call('admin_datadir')).toBe(datadir);
    expect(await client.call('web3_clientVersion')).toBe(node.server!.nodeInfo().name);
    await node.stop();
    expect(await readdir(datadir)).not.toContain(IPC_FILE);
    await expect(client.call('net_version')).rejects.toThrow('ended');
  }
});

test('an API that cannot be opened fails the start of a node, and leaves nothing behind', async () => {
  const datadir = await scratch();
  const ipc = join(datadir, IPC_FILE);
  await writeFile(ipc, 'mine');
  await using node = new Node({ datadir, server: { listen: null }, apis: [serveAdmin()] });
  await expect(node.start()).rejects.toMatchObject({
    kind: 'apiFailed',
    cause: { name: 'AdminError', message: `${ipc} is no socket: it is left as it is` },
  });
  await rm(ipc);
  await node.start();
  await node.stop();
});
