/**
 * A name server that never answers, and static nodes with names that only it knows, beside one good name of the hosts
 * file. Fails when the good node is a peer later than 2 s after the start, or when the process outlives stop() by 1 s.
 * Needs `npm run build`. Usage: node bench/silent-names.mjs [names]
 */
import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { echo, generateNodeKey, Server } from '../dist/exports/main.js';
import { lookUpHostIn } from '../dist/io/adapters/host-lookup.js';
import { HostLookups } from '../dist/io/adapters/host-lookups.js';
import { hostResolverOf } from '../dist/io/adapters/host-resolver.js';
import { systemClock } from '../dist/io/process/clock.js';

const MAX_CONNECT_MS = 2_000;
const MAX_END_MS = 1_000;
const LISTEN = { host: '127.0.0.1', port: 0 };

if (process.argv[2] === 'child') await runChild(...process.argv.slice(3));
else await run(Number(process.argv[2] ?? 60));

async function run(names) {
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const good = new Server({ nodeKey: generateNodeKey(), listen: LISTEN, protocols: [echo()] });
  await good.start();

  const port = silent.address().port;
  const child = fork(import.meta.filename, ['child', names, good.self.enode, port]);
  const [{ connectedMs, most }] = await once(child, 'message');
  const stoppedAt = performance.now(); // its stop() has just resolved
  await once(child, 'exit');
  const endMs = performance.now() - stoppedAt;

  console.log(`${names} names at a silent name server, one good name:`);
  console.log(`  the good node was a peer after ${connectedMs.toFixed(0)} ms`);
  console.log(`  lookups at once: ${most} at most`);
  console.log(`  the process ended ${endMs.toFixed(0)} ms after stop()`);
  if (connectedMs > MAX_CONNECT_MS || endMs > MAX_END_MS) process.exitCode = 1;
  await good.stop();
  silent.close();
}

async function runChild(names, goodEnode, nameServerPort) {
  const find = lookUpHostIn({
    hosts: async () => '127.0.0.1 good.example\n',
    resolverFile: async () => '',
    nameServers: [`127.0.0.1:${nameServerPort}`],
  });
  let running = 0;
  let most = 0;
  const lookUp = (name, onAnswer) => {
    running += 1;
    most = Math.max(most, running);
    let isOver = false;
    const end = () => {
      if (!isOver) running -= 1;
      isOver = true;
    };
    const cancel = find(name, (answer) => {
      end();
      onAnswer(answer);
    });
    return () => {
      end();
      cancel();
    };
  };
  const named = (enode, name) => enode.replace(/@[^:]*/, `@${name}`);
  const strangers = Array.from({ length: Number(names) }, (_, index) => {
    const { enode } = new Server({ nodeKey: generateNodeKey(), listen: null }).self;
    const [key] = enode.split('@');
    return `${key}@silent${index}.example:30303`;
  });
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    maxPeers: 100,
    protocols: [echo()],
    staticNodes: [...strangers, named(goodEnode, 'good.example')],
    ports: { resolver: hostResolverOf(new HostLookups({ lookUp, clock: systemClock })) },
  });
  const began = performance.now();
  const added = new Promise((resolve) => server.on('add', resolve));
  await server.start();
  await added;
  const connectedMs = performance.now() - began;
  await server.stop();
  process.send({ connectedMs, most }, () => process.disconnect());
}
