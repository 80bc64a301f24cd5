import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openAdminApi } from '../../src/admin/admin-api.ts';
import { attach } from '../../src/cli/attach.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { enodeOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { scratch } from './scratch.ts';

async function someNode() {
  const options = { listen: { host: LOOPBACK, port: 0 }, noDial: true };
  const server = new Server({ nodeKey: generateNodeKey(), ...options });
  onTestFinished(() => server.stop());
  await server.start();
  const datadir = await scratch();
  await openAdminApi({ server, datadir, networkId: 5 });
  return { server, datadir };
}

async function attached(words: readonly string[], options = {}) {
  const terminal = new FakeTerminal();
  const code = await attach(words, options, terminal);
  await new Promise(setImmediate); // what was written has arrived
  return { code, output: terminal.output, errors: terminal.errors };
}

test('a result is printed for people, or as JSON in one line', async () => {
  const { server, datadir } = await someNode();
  const info = server.nodeInfo();
  expect(await attached([datadir, 'admin_nodeInfo'])).toEqual({
    code: 0,
    output: `${JSON.stringify(info, null, 2)}\n`,
    errors: '',
  });
  const { output } = await attached([datadir, 'admin_nodeInfo'], { json: true });
  expect(output).toBe(`${JSON.stringify(info)}\n`);
  expect((await attached([datadir, 'net_version'])).output).toBe('5\n');
  expect((await attached([datadir, 'net_version'], { json: true })).output).toBe('"5"\n');
});

test('the place may be the socket itself, and the method may be left out', async () => {
  const { datadir } = await someNode();
  const { output } = await attached([join(datadir, 'peerchart.ipc')], { json: true });
  expect(Object.keys(JSON.parse(output))).toEqual([
    'admin',
    'debug',
    'net',
    'peerchart',
    'rpc',
    'web3',
  ]);
});

test('parameters are text, or JSON when they begin like it', async () => {
  const { datadir } = await someNode();
  expect((await attached([datadir, 'admin_addPeer', enodeOf(1)])).output).toBe('true\n');
  expect((await attached([datadir, 'admin_addPeer', '{"a":1}'])).errors).toBe(
    'peerchart: invalid argument 0: expected a string (-32602)\n',
  );
  await expect(attached([datadir, 'admin_addPeer', '{'])).rejects.toThrow('a parameter is no JSON');
});

test('an error of the node is one line and the exit code 1', async () => {
  const { datadir } = await someNode();
  expect(await attached([datadir, 'admin_nothing'])).toEqual({
    code: 1,
    output: '',
    errors: 'peerchart: the method admin_nothing does not exist/is not available (-32601)\n',
  });
});

test('a subscription prints a line for each event, until the signal', async () => {
  const { server, datadir } = await someNode();
  const other = new Server({ nodeKey: generateNodeKey(), listen: { host: LOOPBACK, port: 0 } });
  onTestFinished(() => other.stop());
  await other.start();
  const terminal = new FakeTerminal();
  const done = attach([datadir, 'admin_subscribe', 'peerEvents'], {}, terminal);
  await terminal.line((line) => line.startsWith('0x'));
  other.addPeer(server.self.enode);
  const line = await terminal.line((text) => text.includes('"type":"add"'));
  expect(JSON.parse(line)).toMatchObject({ type: 'add', peer: other.self.id });
  terminal.stop();
  expect([await done, terminal.errors]).toEqual([0, '']);
});

test('a subscription that the node ends is an error', async () => {
  const { server, datadir } = await someNode();
  const terminal = new FakeTerminal();
  const done = attach([datadir, 'admin_subscribe', 'peerEvents'], {}, terminal);
  await terminal.line((line) => line.startsWith('0x'));
  const failed = expect(done).rejects.toThrow('peerchart.ipc: the node ended the connection');
  await server.stop();
  await failed;
});

describe('without a node', () => {
  test('it says where it looked', async () => {
    const folder = await scratch();
    await expect(attached([folder, 'admin_peers'])).rejects.toThrow(
      `${join(folder, 'peerchart.ipc')}: no node runs with this data directory`,
    );
    const missing = join(folder, 'missing');
    await expect(attached([missing])).rejects.toThrow(join(missing, 'peerchart.ipc'));
  });

  test('a word like a method is one, unless a folder has that name', async () => {
    await expect(attached(['admin_peers'])).rejects.toThrow('.peerchart/peerchart.ipc: no node');
    const folder = join(await scratch(), 'my_data');
    await mkdir(folder);
    await expect(attached([folder])).rejects.toThrow('my_data/peerchart.ipc: no node');
  });

  test('a signal ends the wait for an answer', async () => {
    const path = join(await scratch(), 'ipc');
    const terminal = new FakeTerminal();
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      terminal.stop();
    }).listen(path);
    onTestFinished(() => void server.close());
    expect(await attach([path, 'admin_peers'], {}, terminal)).toBe(130);
  });
});
