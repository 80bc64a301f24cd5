/** Each problem that `doctor` looks for, produced on purpose on this machine. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveAdmin } from '../../src/admin/serve-admin.ts';
import type { Ports } from '../../src/api/options.ts';
import { type DoctorOptions, doctor } from '../../src/cli/doctor.ts';
import type { Finding } from '../../src/explain/doctor.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { lockDirectory } from '../../src/node/directory-lock.ts';
import { Node } from '../../src/node.ts';
import { saveNodeKey } from '../../src/server/node-key-file.ts';
import { fakeStun } from '../support/fake-stun.ts';
import { fakeTimeServer } from '../support/fake-time-server.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { listening } from './listening.ts';
import { scratch } from './scratch.ts';

const PUBLIC = '93.184.216.34';
const listen = { host: '127.0.0.1', port: 0 };

/** On this machine; nothing listens at port 9. */
const enodeAt = (port: number): string => {
  const { publicKey, id } = keyOf(2);
  const at = { host: '127.0.0.1', hostKind: 'ipv4', tcpPort: port, udpPort: port } as const;
  return formatEnode({ publicKey, id, ...at });
};

/** Asks nothing outside this machine; looks once, unless `seconds` is given. */
async function examined(options: Partial<DoctorOptions> = {}, ports: Partial<Ports> = {}) {
  const terminal = new FakeTerminal();
  const given = {
    ...{ logLevel: 'silent', seconds: 0, json: true, timeServers: [], stunServers: [] },
    ...options,
    server: { listen, discovery: 'none' as const, ...options.server },
  };
  const code = await doctor(given, terminal, ports);
  const { findings } = JSON.parse(terminal.lines[0]!) as { findings: readonly Finding[] };
  const of = (check: string) => {
    const { verdict, sentence = '' } = findings.find((one) => one.check === check) ?? {};
    return `${verdict}: ${sentence}`;
  };
  return { code, of };
}

test('a node without a fault is reported line by line, and exits with 0', async () => {
  const [time, stun] = [await fakeTimeServer(Date.now), await fakeStun(() => PUBLIC)];
  const terminal = new FakeTerminal();
  const options = {
    ...{ logLevel: 'silent', seconds: 0 },
    ...{ timeServers: [time.address], stunServers: [stun.address] },
    server: { listen, discovery: 'none', externalIp: PUBLIC, noDial: true } as const,
  };
  expect(await doctor(options, terminal)).toBe(0);
  expect(terminal.output).toMatch(/^ok +clock +It is right/m);
  expect(terminal.output).toMatch(/^ok +record +It advertises 93\.184\.216\.34\.$/m);
  expect(terminal.output).toMatch(/^warn +inbound .*only this computer/m);
  expect(terminal.output).toMatch(/^ +Listen on every address: --host ::\.$/m);
  expect(terminal.lines.at(-1)).toBe('Nothing keeps this node from working; 2 to improve.');
});

test('a folder that cannot be used', async () => {
  const file = join(await scratch(), 'file');
  await writeFile(file, '');
  const { code, of } = await examined({ datadir: file });
  expect(of('data directory')).toMatch(/^fail: .*not a folder/);
  expect(code).toBe(1);
  expect((await examined({ datadir: join(file, 'inside') })).of('data directory')).toMatch(/^fail/);
});

test('a folder that does not exist yet is not made', async () => {
  const folder = join(await scratch(), 'one', 'two');
  expect((await examined({ datadir: folder })).of('data directory')).toMatch(/^ok: .*missing/);
  await mkdir(join(folder, '..')); // rejects when it is there
});

test('a key that others can read, and one that is none', async () => {
  const datadir = await scratch();
  const path = join(datadir, 'nodekey');
  expect((await examined({ datadir })).of('key')).toMatch(/^ok: There is none yet/);
  await saveNodeKey(path, generateNodeKey());
  expect((await examined({ datadir })).of('key')).toMatch(/^ok: It can be read/);
  await chmod(path, 0o644);
  const { code, of } = await examined({ datadir });
  expect(of('key')).toMatch(/^fail: .*accessible to other users/);
  expect(code).toBe(1);
  await writeFile(path, 'no key', { mode: 0o600 });
  await chmod(path, 0o600);
  expect((await examined({ nodekey: path })).of('key')).toMatch(/^fail/);
});

test('a data directory that another process uses', async () => {
  const datadir = await scratch();
  const lock = await lockDirectory(datadir, systemClock);
  const { of } = await examined({ datadir });
  expect(of('data directory')).toContain(`in use by process ${process.pid}`);
  expect(of('server')).toMatch(/^unknown: The node of process \d+ does not answer: no node runs/);
  await lock.release();
});

test('a node that runs is asked through its admin socket, and disturbed in nothing', async () => {
  const datadir = await scratch();
  await using node = new Node({ datadir, server: { listen, maxPeers: 7 }, apis: [serveAdmin()] });
  await node.start();
  const { of } = await examined({ datadir, server: { listen: node.server!.self.address! } });
  expect(of('data directory')).toContain('in use by process');
  expect(of('server')).toBe('ok: It runs, with 0 of 7 peers.');
  expect(of('record')).toMatch(/^warn: It advertises 127\.0\.0\.1/);
});

test('a node whose admin socket is elsewhere, and one without', async () => {
  const [datadir, other] = [await scratch(), await scratch()];
  const ipc = join(other, 'admin.ipc');
  await using node = new Node({ datadir, server: { listen }, apis: [serveAdmin({ ipc })] });
  await node.start();
  expect((await examined({ datadir, admin: { ipc } })).of('server')).toMatch(/^ok: It runs/);
  const { of } = await examined({ datadir, admin: { ipc: null } });
  expect(of('server')).toMatch(/^unknown: .* --ipc none\.$/);
});

test('a limit of open files that is too low', async () => {
  const { of } = await examined({}, { openFiles: () => 100 });
  expect(of('open files')).toMatch(/^warn: The limit is 100/);
});

test('a clock that is wrong', async () => {
  const time = await fakeTimeServer(() => Date.now() + 60_000);
  const { code, of } = await examined({ timeServers: [time.address] });
  expect(of('clock')).toMatch(/^fail: It is 60\.\d s behind\.$/);
  expect(code).toBe(1);
  expect((await examined()).of('clock')).toMatch(/^unknown: No time server answered/);
});

test('a port in use', async () => {
  const port = await listening(createServer());
  const { code, of } = await examined({ server: { listen: { ...listen, port } } });
  expect(of('server')).toMatch(/^fail: It does not start: .*EADDRINUSE/);
  expect(code).toBe(1);
});

test('a bootnode that does not answer, and none at all', async () => {
  const bootnodes = [enodeAt(9)];
  const silent = await examined({ seconds: 3, server: { discovery: 'v4', bootnodes } });
  expect(silent.of('discovery v4')).toMatch(/^fail: No bootnode has answered/);
  const without = await examined({ seconds: 0.3, server: { discovery: ['v4', 'v5'] } });
  for (const check of ['discovery v4', 'discovery v5'])
    expect(without.of(check)).toMatch(/^fail: .*there are no bootnodes/);
});

test('dials that do not connect, and dials that fail in the handshake', async () => {
  const dialling = async (port: number) =>
    (await examined({ seconds: 0.5, server: { staticNodes: [enodeAt(port)] } })).of('dials');
  expect(await dialling(9)).toMatch(/^fail: None of 1 dial became a peer: 1 did not connect\.$/);
  const port = await listening(createServer((socket) => socket.end('no devp2p here')));
  expect(await dialling(port)).toMatch(/^fail: .*1 failed in the encryption handshake\.$/);
});

test('it ends at once when there is nothing to wait for', async () => {
  const noNodes = await examined({ seconds: 3_000, server: { discovery: ['v4', 'v5'] } });
  expect(noNodes.of('dials')).toMatch(/^unknown: No node was found to dial\.$/);
});

test('a router that maps no port, and an address that is only of this network', async () => {
  const stun = await fakeStun(() => PUBLIC);
  const server = { listen: { host: '0.0.0.0', port: 0 }, externalIp: '192.168.7.7', nat: 'any' };
  const gateway = async () => Promise.reject(new Error('no router answered'));
  const options = { seconds: 0.3, stunServers: [stun.address], server };
  const { of } = await examined(options, { gateway });
  expect(of('inbound')).toMatch(/^warn: No router maps our port: .*no router answered/);
  expect(of('record')).toMatch(/^warn: It advertises 192\.168\.7\.7, which/);
});
