/**
 * Many go-ethereum servers in one process dial a server of ours at the same moment, and dial again after 35 s, as
 * go-ethereum does. Prints how many were peers after their first dial, their second one, and so on. Both processes share
 * the machine: each handshake costs both of them CPU.
 * Needs Go and `npm run build`. Usage: node bench/geth-herd.mjs [servers] [longest wait in seconds]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { startChild } from './child-server.mjs';
import { summary } from './honest-peers.mjs';

const servers = Number(process.argv[2] ?? 200);
const waitMs = 1_000 * Number(process.argv[3] ?? 80);

const ours = await startChild({ maxPeers: 2 * servers, maxPendingPeers: servers });
const before = await ours.loop();
const { joined, stop } = await startHerd(ours.enode);
const { cpuMs, delays, handshakes } = await ours.loop();
const { ended } = await ours.state();
await stop();
await ours.stop();

const byDial = {};
for (const { dials } of joined) byDial[dials] = (byDial[dials] ?? 0) + 1;
console.log(`${servers} go-ethereum servers at once: ${joined.length} are peers`);
console.log(`  by the number of dials each needed: ${JSON.stringify(byDial)}`);
console.log(`  after: ${summary(joined.map(({ afterMs }) => afterMs))}`);
console.log(`  handshakes done ${handshakes.length}, CPU ${Math.round(cpuMs - before.cpuMs)} ms`);
console.log(`  loop delay: ${summary(delays.map(({ ms }) => ms))}`);
console.log(`  ended: ${JSON.stringify(ended)}`);
if (joined.some(({ dials }) => dials > 2) || joined.length < servers) process.exitCode = 1;

/** @returns those that are peers, when all of them are or the wait is over. */
async function startHerd(enode) {
  const cwd = fileURLToPath(new URL('../test/interop/geth-peer/', import.meta.url));
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  execFileSync('go', ['build', '-trimpath', '-o', 'geth-peer', '.'], {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const args = ['--mode', 'herd', '--count', servers, '--protocols', 'bench/1/5'].map(String);
  const child = spawn(`${cwd}geth-peer`, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const joined = [];
  await new Promise((resolve, reject) => {
    exit.then(() => reject(new Error('the herd ended')), reject);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.type === 'error') reject(new Error(event.error));
      if (event.type === 'joined') joined.push(event);
      if (joined.length === servers) resolve();
      if (event.type !== 'started') return;
      child.stdin.write(`${JSON.stringify({ cmd: 'dial', enode })}\n`);
      setTimeout(resolve, waitMs).unref();
    });
  });
  const stop = async () => {
    child.stdin.end();
    await exit;
  };
  return { joined, stop };
}
