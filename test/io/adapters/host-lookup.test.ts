/** Lookups on real sockets: a name server of ours on loopback that answers, is silent, or answers one family only. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { type HostAnswer, lookUpHostIn } from '../../../src/io/adapters/host-lookup.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Response codes. Source: RFC 1035, 4.1.1. */
const NO_ERROR = 0;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;

const IPV4_QUERY = 1;
const IPV6_QUERY = 28;

/** A record for each name of the map, by family; NXDOMAIN for others; nothing where the list says so. */
async function nameServer(
  records: Record<string, number[]>,
  silentFor: number[] = [],
  codeOf: (name: string, type: number) => number = (name) => (records[name] ? NO_ERROR : NXDOMAIN),
) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  closing.push(() => void socket.close());
  socket.on('message', (query, { port, address }) => {
    let at = 12;
    const labels: string[] = [];
    for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + size).toString());
      at += size + 1;
    }
    const type = query.readUInt16BE(at + 1);
    const name = labels.join('.');
    asked.push(name);
    if (silentFor.includes(type)) return;
    const ip = type === 1 ? records[name] : undefined;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 + codeOf(name, type), 2);
    header.writeUInt16BE(ip ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const answer = ip ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ...ip] : [];
    socket.send(
      Buffer.concat([header, query.subarray(12, at + 5), Buffer.from(answer)]),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}

const sources = (server: string, hosts = '', resolverFile = '') => ({
  hosts: async () => hosts,
  resolverFile: async () => resolverFile,
  nameServers: [server],
});

const answered = (name: string, from: ReturnType<typeof sources>) =>
  new Promise<HostAnswer>((resolve) => void lookUpHostIn(from)(name, resolve));

test('the hosts file is read before a name server is asked', async () => {
  const { server, asked } = await nameServer({});
  const from = sources(server, '::1 node\n192.0.2.9 node\n');
  expect(await answered('node', from)).toEqual({ addresses: ['192.0.2.9', '::1'] });
  expect(await answered('localhost', from)).toEqual({ addresses: ['127.0.0.1', '::1'] });
  expect(asked).toEqual([]);
});

test('a name server is asked for the name in the search domains too', async () => {
  const { server } = await nameServer({ 'node.lan.example': [192, 0, 2, 7] });
  const from = sources(server, '', 'search lan.example\n');
  expect(await answered('node', from)).toEqual({ addresses: ['192.0.2.7'] });
  expect(await answered('other', from)).toEqual({
    failure: 'notFound',
    detail: expect.stringContaining('ENOTFOUND'),
  });
});

test.for<[string, (name: string, type: number) => number]>([
  ['fails', () => SERVFAIL],
  ['refuses to answer', () => REFUSED],
  ['fails for IPv6 only', (_, type) => (type === IPV6_QUERY ? SERVFAIL : NO_ERROR)],
  ['fails for IPv4 only', (_, type) => (type === IPV4_QUERY ? SERVFAIL : NO_ERROR)],
  ['fails for the name in a search domain', (name) => (name === 'node' ? NXDOMAIN : SERVFAIL)],
  ['fails for the name itself', (name) => (name === 'node' ? SERVFAIL : NXDOMAIN)],
])('a name is not said to have no address when a name server %s', async ([, codeOf]) => {
  const { server } = await nameServer({}, [], codeOf);
  const from = sources(server, '', 'search lan.example\n');
  expect(await answered('node', from)).toEqual({
    failure: 'lookupFailed',
    detail: expect.stringMatching(/ESERVFAIL|EREFUSED/),
  });
});

test('a name server that is not there is a failed lookup', async () => {
  const free = createSocket('udp4').bind(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  expect(await answered('node.example', sources(`127.0.0.1:${port}`))).toEqual({
    failure: 'lookupFailed',
    detail: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a name that exists without an address has none', async () => {
  const { server } = await nameServer({}, [], () => NO_ERROR);
  expect(await answered('node.example', sources(server))).toEqual({
    failure: 'notFound',
    detail: expect.stringContaining('ENODATA'),
  });
});

test('a name server that never answers for IPv6 delays IPv4 by half a second only', async () => {
  const { server } = await nameServer({ 'node.example': [192, 0, 2, 7] }, [28]);
  const began = performance.now();
  expect(await answered('node.example', sources(server))).toEqual({ addresses: ['192.0.2.7'] });
  expect(performance.now() - began).toBeLessThan(1_900);
});

test('a lookup that is cancelled at once asks no name server and reports nothing', async () => {
  const { server, asked } = await nameServer({ 'node.example': [192, 0, 2, 7] });
  const answers: HostAnswer[] = [];
  lookUpHostIn(sources(server))('unwanted.example', (answer) => void answers.push(answer))();
  await answered('node.example', sources(server));
  expect([answers, asked]).toEqual([[], ['node.example', 'node.example']]);
});

test('a lookup that has both answers leaves no timer behind', async () => {
  const { server } = await nameServer({ 'node.example': [192, 0, 2, 7] });
  const armed = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  closing.push(() => vi.restoreAllMocks());
  await answered('node.example', sources(server));
  const ours = armed.mock.results.filter((_, call) => armed.mock.calls[call]![1] === 500);
  for (const { value } of ours) expect(cleared).toHaveBeenCalledWith(value);
});

test('a cancelled lookup reports nothing and keeps no process from ending', async () => {
  const { server } = await nameServer({}, [1, 28]);
  const script = `
    import { lookUpHostIn } from ${JSON.stringify(urlOf('src/io/adapters/host-lookup.ts'))};
    const text = async () => '';
    const lookUp = lookUpHostIn({ hosts: text, resolverFile: text, nameServers: ['${server}'] });
    const names = Array.from({ length: 12 }, (_, i) => 'silent' + i + '.example');
    const cancels = names.map((name) => lookUp(name, () => console.log('answered')));
    setTimeout(() => {
      const began = performance.now();
      process.on('exit', () => console.log(performance.now() - began < 1_000 ? 'ended' : 'late'));
      for (const cancel of cancels) cancel();
    }, 300);`;
  const loader = urlOf('test/fuzz/typescript-loader.mjs');
  const flags = ['--no-warnings', '--import', loader, '--input-type=module', '-e', script];
  const child = spawn(process.execPath, flags, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000, // it must not outlive its test
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  await once(child, 'close');
  expect(output).toBe('ended\n');
});

const urlOf = (path: string): string => new URL(`../../../${path}`, import.meta.url).href;
