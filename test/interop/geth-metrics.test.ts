/**
 * What the metrics say after a run with go-ethereum's peers, each value as the run implies it, in text that promtool of
 * Prometheus accepts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { LASTING_MS } from '../../src/telemetry/connection-counters.ts';
import { countedOf, scrape } from '../support/metrics.ts';
import { keyOf } from '../support/world.ts';
import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

const SERIES = { count: 20, maxSize: 1_000, seed: 5 };
/** Secret keys. */
const KEY = 'aa'.repeat(32);
/** Nothing listens there. */
const CLOSED_PORT = 9;

const OUR_KEY = 'bb'.repeat(32);

/** Its time of day can be moved on; its timers stay. */
const clock = { ...systemClock, aheadMs: 0, now: () => systemClock.now() + clock.aheadMs };

test('every metric of go-ethereum has the value of the run, and promtool accepts the text', async () => {
  await using ours = await startServer({
    ...{ nodeKey: Uint8Array.from(Buffer.from(OUR_KEY, 'hex')), maxPeers: 3, ports: { clock } },
    ...{ discovery: ['v4', 'v5'], externalIp: '127.0.0.1' },
  });
  const { server, events } = ours;
  const { enode } = server.self;
  const call = (...args: string[]) =>
    startPeer('geth', ['--mode', 'dial', '--to', enode, '--wait', ...args]);

  // two inbound connections that do not become peers
  await using useless = await call('--caps', 'other/1');
  await useless.next('disconnect');
  await using self = await call('--key', OUR_KEY);
  await self.next('disconnect');

  // two dials that fail, and one that makes a peer
  await using geth = await startPeer('geth');
  for (const port of [CLOSED_PORT, Number(new URL(geth.started.enode!).port)]) {
    const node = strangerAt(port);
    server.addPeer(node);
    await events.next('dialFailed');
    await server.removePeer(node);
  }
  server.addPeer(geth.started.enode!);
  const { peer } = await events.next('add');
  geth.send({ cmd: 'send', ...SERIES });
  await Promise.all([ours.talk(peer, SERIES), geth.next('echoed')]);

  // two inbound peers, of which one leaves; a second connection of the other one, and one too many
  await using inbound = await call('--key', KEY);
  await events.next('add');
  await using again = await call('--key', KEY);
  await again.next('disconnect');
  await using leaving = await startPeer('geth');
  leaving.send({ cmd: 'dial', enode });
  await events.next('add');
  await using tooMany = await call();
  await tooMany.next('disconnect');
  leaving.send({ cmd: 'disconnect', reason: 0x04 });
  await events.next('drop');
  expect(inbound.started).toBeDefined();

  await using network = await startPeer('geth', ['--mode', 'discovery']);
  for (const version of ['v4', 'v5'] as const) {
    network.send({ cmd: 'ping', version, enode: server.self.enr! });
    await network.next('pong');
  }

  clock.aheadMs += LASTING_MS;
  const nodes = {
    v4: server.discovery!.nodes().length,
    v5: server.discoveryV5!.nodes().length,
  };
  const [scraped, text] = await Promise.all([scrape(server.metrics), server.metrics.metrics()]);
  expect(countedOf(scraped, 'peers')).toEqual({ 'peers inbound': 1, 'peers outbound': 1 });
  expect(countedOf(scraped, 'serve')).toEqual({
    ...{ serves: 6, serve_successes: 2, serve_successes_1min: 1 },
    ...{ 'serve_errors useless': 1, 'serve_errors self': 1 },
    ...{ 'serve_errors known': 1, 'serve_errors saturated': 1 },
  });
  expect(countedOf(scraped, 'dial')).toEqual({
    ...{ dials: 3, dial_successes: 1, dial_successes_1min: 1 },
    ...{ 'dial_errors connection': 1, 'dial_errors encHandshake': 1 },
  });
  expect(countedOf(scraped, 'pending')).toEqual({});
  expect(countedOf(scraped, 'turned_away')).toEqual({});
  expect(countedOf(scraped, 'disconnects')).toEqual({ 'disconnects refused tooManyPeers': 1 });
  for (const code of ['0x00', '0x01']) {
    const of = `echo 1 ${code}`;
    expect(scraped).toMatchObject({
      [`ingress_messages ${of}`]: SERIES.count,
      [`egress_messages ${of}`]: SERIES.count,
      [`handle_seconds ${of}`]: SERIES.count,
    });
    for (const way of ['ingress', 'egress'])
      expect(scraped[`${way}_bytes`]).toBeGreaterThan(scraped[`${way}_message_bytes ${of}`]!);
  }
  expect(scraped).toMatchObject({ received_bytes: 0, unsent_bytes: 0 });
  for (const version of ['v4', 'v5'] as const) {
    expect(scraped[`discovery_received_packets ${version} ping`]).toBeGreaterThan(0);
    expect(scraped[`discovery_sent_packets ${version} pong`]).toBeGreaterThan(0);
    expect(scraped[`discovery_sent_bytes ${version}`]).toBeGreaterThan(0);
    expect(scraped[`discovery_received_bytes ${version}`]).toBeGreaterThan(0);
    expect(scraped[`discovery_nodes ${version}`]).toBe(nodes[version]);
  }
  // no requests and no churn in this run: those of eth are in geth-eth-transactions.test.ts
  for (const name of ['requests_tracked', 'requests_lost_total', 'answers_stale_total'])
    expect(text).toContain(`# TYPE peerchart_p2p_${name} `);
  expect(text).toContain('# TYPE peerchart_p2p_request_wait_seconds histogram');
  expect(countedOf(scraped, 'churn')).toEqual({});
  expect(text).toContain('# TYPE peerchart_p2p_churn_total counter');
  expect(await promtool(text)).toEqual({ code: 0, output: '' });
});

/** A node with a key that no node here has. */
const strangerAt = (port: number): string => {
  const { publicKey, id } = keyOf(7);
  const at = { host: '127.0.0.1', hostKind: 'ipv4', tcpPort: port, udpPort: port } as const;
  return formatEnode({ publicKey, id, ...at });
};

/** `promtool check metrics`. Rejects when there is no promtool: the Debian package `prometheus` has it. */
async function promtool(text: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      output += more;
    });
  child.stdin.end(text);
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}
