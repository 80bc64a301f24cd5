import { describe, expect, test } from 'vitest';
import type { NonReducibleUnknown } from 'xstate';

import type {
  DiscoveryNetworkCommand,
  DiscoveryNetworkEvent,
} from '../../../src/io/adapters/discovery-network.ts';
import {
  checkNode,
  type OpenDiscovery,
  udpNetwork,
  withRecord,
} from '../../../src/io/adapters/udp-network.ts';
import type { Node } from '../../../src/io/crypto/node.ts';
import { signRecord } from '../../../src/io/crypto/node-record.ts';
import { RESPONSE_TIMEOUT_MS } from '../../../src/io/discovery/request-matcher.ts';
import { keyOf, MemoryNet, recordOf, Sender, startNode } from '../../support/discv4-net.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const HERE = { host: '45.0.0.1', port: 30_303 };
const THERE = { host: '46.0.0.2', port: 30_303 };
const EXCHANGE_MS = 100;

const run = (open: OpenDiscovery) =>
  runAdapter<DiscoveryNetworkEvent, DiscoveryNetworkCommand, NonReducibleUnknown>(
    udpNetwork(open),
    null,
  );

/** Two nodes that have each other's endpoint proof after one ping each. */
function stage() {
  const net = new MemoryNet();
  const us = startNode(net, { at: HERE });
  const them = startNode(net, { at: THERE, number: 2 });
  return { net, us, them };
}

describe('the socket', () => {
  test('is reported when it is bound, lost and restored, and closed when it is asked to', async () => {
    const { us } = stage();
    let hooks: Parameters<OpenDiscovery>[0] | undefined;
    const adapter = run(async (given) => {
      hooks = given;
      return us.discv4;
    });
    await turns();
    hooks?.onLost('EBADF', 1_000);
    hooks?.onRestored();
    hooks?.onProven(us.node);
    adapter.send({ type: 'close' });
    expect(adapter.reports.all).toEqual([
      { type: 'network.bound', address: HERE },
      { type: 'network.lost', message: 'EBADF', retryInMs: 1_000 },
      { type: 'network.restored' },
      { type: 'node.proven', node: us.node },
      { type: 'network.closed' },
    ]);
    expect(isClosed(us.discv4)).toBe(true);
  });

  test('that cannot be bound is reported with the reason', async () => {
    const adapter = run(() => Promise.reject(new Error('EADDRINUSE')));
    await turns();
    expect(adapter.reports.all).toEqual([{ type: 'network.failed', message: 'Error: EADDRINUSE' }]);
  });

  test.for(['close', 'stop'] as const)('that is bound after a %s is closed', async (how) => {
    const { us } = stage();
    const adapter = run(async () => us.discv4);
    if (how === 'close') adapter.send({ type: 'close' });
    else adapter.stop();
    await turns();
    expect(isClosed(us.discv4)).toBe(true);
    expect(adapter.reports.all).toEqual(how === 'close' ? [{ type: 'network.closed' }] : []);
  });
});

describe('a check', () => {
  test('is answered by the node as its newest record describes it', async () => {
    const { net, us, them } = stage();
    const adapter = run(async () => us.discv4);
    await turns();
    prove(net, us, them);
    adapter.send({ type: 'check', node: them.node });
    net.clock.advance(EXCHANGE_MS);
    const { id } = them.node;
    expect(adapter.reports.all.slice(1)).toMatchObject([
      { type: 'check.answered', id, node: { id, record: { seq: 1 }, host: THERE.host } },
    ]);
  });

  test('gets the record of a node that had no endpoint proof of ours before', () => {
    const { net, us, them } = stage();
    let found: Node | null = null;
    checkNode(us.discv4, them.node, (node) => {
      found = node;
    });
    net.clock.advance(EXCHANGE_MS + RESPONSE_TIMEOUT_MS + EXCHANGE_MS);
    expect(found).toMatchObject({ id: them.node.id, record: { seq: 1 } });
  });

  test('fails without an answer, and before the socket is bound', async () => {
    const { net, us, them } = stage();
    const adapter = run(async () => us.discv4);
    const gone = { ...them.node, host: '46.0.0.3' };
    adapter.send({ type: 'check', node: gone });
    expect(adapter.reports.all).toEqual([{ type: 'check.failed', id: gone.id }]);
    await turns();
    adapter.send({ type: 'check', node: gone });
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(adapter.reports.all.at(-1)).toEqual({ type: 'check.failed', id: gone.id });
    expect(adapter.reports.all).toHaveLength(3);
  });

  test('asks for no record that it has', () => {
    const { net, us, them } = stage();
    const known: Node = { ...them.node, record: them.record };
    let found: Node | null = null;
    checkNode(us.discv4, known, (node) => {
      found = node;
    });
    net.clock.advance(EXCHANGE_MS);
    expect(found).toBe(known);
    expect(us.discv4.stats().sent).not.toHaveProperty('enrRequest', 1);
  });

  test('leaves the node as it was when it does not give its record', () => {
    const { net, us } = stage();
    const silent = new Sender(net, { at: { host: '47.0.0.1', port: 30_303 }, number: 3 });
    let found: Node | null = null;
    checkNode(us.discv4, silent.node, (node) => {
      found = node;
    });
    net.clock.advance(EXCHANGE_MS);
    silent.pong(us, silent.received[0]!.hash);
    net.clock.advance(EXCHANGE_MS + 2 * RESPONSE_TIMEOUT_MS);
    expect(silent.received.map(({ message }) => message.type)).toEqual([
      'ping',
      'enrRequest',
      'enrRequest',
    ]);
    expect(found).toEqual(silent.node);
  });

  test.for([0, EXCHANGE_MS])('that is cancelled after %i ms says nothing', (ms) => {
    const { net, us } = stage();
    const silent = new Sender(net, { at: { host: '47.0.0.1', port: 30_303 }, number: 3 });
    const answers: unknown[] = [];
    const cancel = checkNode(us.discv4, silent.node, (node) => answers.push(node));
    net.clock.advance(EXCHANGE_MS);
    if (ms > 0) {
      silent.pong(us, silent.received[0]!.hash);
      net.clock.advance(EXCHANGE_MS);
    }
    cancel();
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(answers).toEqual([]);
  });
});

test('a record without an address leaves a node where it answered', () => {
  const key = keyOf(2);
  const { node } = new Sender(new MemoryNet(), { at: THERE });
  const blank = signRecord({ seq: 9, entries: new Map() }, key);
  expect(withRecord(node, blank)).toBe(node);
  const moved = recordOf(key, { host: '46.0.0.9', port: 1_025 }, 9);
  expect(withRecord(node, moved)).toMatchObject({ host: '46.0.0.9', udpPort: 1_025 });
});

/** After it, each has the endpoint proof of the other. */
function prove(net: MemoryNet, us: ReturnType<typeof startNode>, them: typeof us): void {
  us.discv4.ping(them.node, () => {});
  them.discv4.ping(us.node, () => {});
  net.clock.advance(EXCHANGE_MS);
}

function isClosed(discv4: ReturnType<typeof startNode>['discv4']): boolean {
  let answer: unknown;
  discv4.ping(new Sender(new MemoryNet()).node, (result) => {
    answer = result;
  });
  return JSON.stringify(answer) === JSON.stringify({ type: 'refused', why: 'closed' });
}
