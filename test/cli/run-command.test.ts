import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { signInAt } from '../inspect/web/page-server-fixture.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';
import { someNode } from './some-node.ts';
import { tryOut } from './try-out.ts';

test('every option of run is passed to the server', async () => {
  const nodekey = join(await scratch(), 'nodekey');
  const { output } = await tryOut(['key', 'new', nodekey]);
  const id = /^id +([0-9a-f]{64})$/m.exec(output)?.[1];
  const other = await someNode();
  const words = `run --host 127.0.0.1 --port 0 --maxpeers 1 --nodial --legacy-handshake --json --log-level debug`;
  const terminal = new FakeTerminal();
  const args = [...words.split(' '), '--nodekey', nodekey, '--name', 'me', '--say', 'hi'];

  const code = runProgram([...args, '--static', other, other, '--trusted', other], terminal);

  expect(await terminal.report('started')).toMatchObject({
    id,
    listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  terminal.stop();
  expect(await code).toBe(0);
  expect(terminal.reports.map(({ type }) => type)).toEqual([
    'started',
    'static.heldBack', // --nodial
    'stopping',
    'stopped',
  ]);
  expect(terminal.errors).toContain('"msg":"stopped"');
});

test('run offers the given capabilities', async () => {
  const terminal = new FakeTerminal();
  const words = 'run --host 127.0.0.1 --port 0 --json --offer eth/69 mine/1:5 --say hi';
  const code = runProgram(words.split(' '), terminal);
  const { enode } = await terminal.report('started');
  const { output } = await tryOut(['ping', '--json', enode]);
  expect(JSON.parse(output)).toMatchObject({ capabilities: ['echo/1', 'eth/69', 'mine/1'] });
  terminal.stop();
  expect(await code).toBe(0);
});

test.for([
  ['--inspect'],
  ['--inspect', '0'],
  ['--inspect-actions'],
  ['--inspect-host', 'localhost'],
  ['--inspect-host', '127.0.0.1', '--inspect', '--inspect-actions'],
])('an inspector is asked for with %s %s', async (words, { expect }) => {
  const terminal = new FakeTerminal();
  const args = ['run', '--host', '127.0.0.1', '--port', '0', '--json', ...words];
  const code = runProgram(args, terminal);
  const { inspect } = await terminal.report('started');
  const { hostname, port } = new URL(inspect!);
  expect(hostname).toBe(words.includes('localhost') ? 'localhost' : '127.0.0.1');
  const { actions } = await signInAt(Number(port), inspect!);
  expect(actions).toBe(words.includes('--inspect-actions'));
  terminal.stop();
  expect(await code).toBe(0);
});

test('a port in use', async () => {
  const port = await listening(createServer());
  const { code, errors } = await tryOut(['run', '--host', '127.0.0.1', '--port', String(port)]);
  expect(code).toBe(1);
  expect(errors).toMatch(/^peerchart: .*EADDRINUSE.*choose another one with --port\.\n$/);
});

test('a file of go-ethereum with a P2P table starts a node, and a flag comes before it', async () => {
  const folder = await scratch();
  const path = join(folder, 'geth.toml');
  const text = [
    '[Eth]\nSyncMode = "snap"',
    `[Node]\nDataDir = ${JSON.stringify(join(folder, 'data'))}\nIPCPath = ""\nHTTPPort = 8545`,
    '[Node.P2P]\nMaxPeers = 7\nNoDiscovery = true\nBootstrapNodes = []\nStaticNodes = []',
    'TrustedNodes = []\nListenAddr = "127.0.0.1:0"\nDiscAddr = ""\nEnableMsgEvents = false\nNoDial = true',
  ].join('\n');
  await writeFile(path, text);
  const terminal = new FakeTerminal();
  const words = ['run', '--config', path, '--json', '--nodial', 'false', '--name', 'ours'];
  const code = runProgram(words, terminal);
  expect(await terminal.report('started')).toMatchObject({
    listening: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  expect(await readdir(join(folder, 'data'))).toContain('nodekey');
  terminal.stop();
  expect(await code).toBe(0);
  expect(terminal.errors).toMatch(/^peerchart: .*geth\.toml: ignored, of no use here: \[Eth\]/);
});

test('a file with wrong entries starts nothing', async () => {
  const path = join(await scratch(), 'node.toml');
  await writeFile(path, '[server]\nmaxPeers = -1\n');
  const { code, output, errors } = await tryOut(['run', '--config', path]);
  expect([code, output]).toEqual([1, '']);
  expect(errors).toMatch(/^peerchart: .*node\.toml:2: server\.maxPeers: expected a whole number/);
});
