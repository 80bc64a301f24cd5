/**
 * Short connections of six hostile kinds, 60 at a time, and an honest peer right after them.
 * Needs `npm run build`. Usage: node bench/hostile-inbound.mjs [connections]
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { echo, generateNodeKey, Server } from '../dist/exports/main.js';

const AT_ONCE = 60;
const PATIENCE_MS = 300;
const connections = Number(process.argv[2] ?? 6_000);

const kinds = [
  (socket) => socket.write(randomBytes(500)),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.write(Buffer.concat([Buffer.from([0, 200, 4]), randomBytes(199)])),
  (socket) => socket.end(),
  (socket) => {
    socket.write(Buffer.from([1, 0x80]));
    setTimeout(() => socket.resetAndDestroy(), 5);
  },
  (socket) => socket.write(Buffer.from([0xff, 0xff])),
];

const server = new Server({
  nodeKey: generateNodeKey(),
  listen: { host: '127.0.0.1', port: 0 },
  protocols: [echo()],
});
const ended = new Map();
server.on('ended', ({ state }) => ended.set(state, (ended.get(state) ?? 0) + 1));
await server.start();
const { port } = server.self.address;

const began = performance.now();
for (let i = 0; i < connections; i += AT_ONCE)
  await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => attack(kinds[j % kinds.length])));
console.log(
  `${connections} in ${Math.round(performance.now() - began)} ms`,
  Object.fromEntries(ended),
);

const honest = new Server({ nodeKey: generateNodeKey(), listen: null, protocols: [echo()] });
await honest.start();
const asked = performance.now();
const added = new Promise((resolve) => honest.on('add', resolve));
honest.addPeer(server.self.enode);
await added;
console.log(`an honest peer after ${Math.round(performance.now() - asked)} ms`);
await honest.stop();
await server.stop();
await wait(50);
// a pipe that takes this output is not the server's
const open = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
console.log('still open:', open);

function attack(misbehave) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.on('error', () => {}).on('connect', () => misbehave(socket));
    socket.on('close', () => {
      clearTimeout(patience);
      resolve();
    });
  });
}
