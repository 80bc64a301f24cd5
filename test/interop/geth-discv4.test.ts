/** Node Discovery v4 with go-ethereum's own: each proves its endpoint to the other, finds nodes and gets records. */

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createActor } from 'xstate';

import { endpointProber } from '../../src/io/adapters/endpoint-prober.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { type Node, nodeAt, parseNode } from '../../src/io/crypto/node.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { defaultSet, primitivesOf } from '../../src/io/crypto/primitive-sets.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { Discv4 } from '../../src/io/discovery/discv4.ts';
import type {
  FindNodeResult,
  PingResult,
  RecordResult,
} from '../../src/io/discovery/request-results.ts';
import { udpBinder } from '../../src/io/discovery/udp-socket.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { unixTimeMs } from '../../src/io/process/wall-time.ts';
import { formatRecord } from '../../src/io/wire/enr.ts';
import { endpointProofMachine } from '../../src/machines/discovery/endpoint-proof.ts';
import { recordOf } from '../support/discv4-net.ts';
import { startPeer } from './peer-process.ts';

const { primitives } = primitivesOf(defaultSet());

describe('we to go-ethereum', () => {
  test('prove our endpoints to each other, and it answers with nodes and its newest record', async () => {
    await using other = await startGeth();
    await using geth = await startGeth(other.started.enode!);
    const us = await startNode();
    const node = parseNode(geth.started.enode!);
    expect(await prove(us.discv4, node)).toMatchObject({
      outcome: 'proven',
      seq: expect.any(Number),
    });
    expect([us.discv4.isProven(node), us.discv4.needsProof(node)]).toEqual([true, false]);

    geth.send({ cmd: 'renew' });
    const { record: newest, seq } = await geth.next('record');
    const answer = await new Promise<RecordResult>((done) => us.discv4.requestRecord(node, done));
    expect(answer).toMatchObject({ type: 'record', record: { id: node.id, seq } });
    expect(parseNode(newest).record?.bytes).toEqual(
      answer.type === 'record' ? answer.record.bytes : null,
    );

    // it names a node once it has checked that the node is there
    const target = parseNode(other.started.enode!);
    let found: readonly Node[] = [];
    while (!found.some(({ id }) => id === target.id)) {
      const result = await findNode(us.discv4, node, target);
      expect(result.type).toBe('neighbors');
      if (result.type === 'neighbors') found = result.nodes;
    }
    expect(found.find(({ id }) => id === target.id)).toEqual(nodeAt(target));
  });

  test('its pong says where our ping came from', async () => {
    await using geth = await startGeth();
    const us = await startNode();
    const node = parseNode(geth.started.enode!);
    const result = await new Promise<PingResult>((done) => us.discv4.ping(node, done));
    expect(result).toMatchObject({ type: 'pong', statedEndpoint: us.discv4.local });
  });
});

describe('go-ethereum to us', () => {
  test('pings us, gets our current record and the nodes that we know', async () => {
    const fake = nodeAt({
      ...generateNodeKey(),
      host: '127.0.0.1',
      udpPort: 40_000,
      tcpPort: 40_000,
    });
    const us = await startNode([fake]);
    await using geth = await startGeth();
    geth.send({ cmd: 'ping', enode: us.enode });
    expect(await geth.next('pong')).toMatchObject({
      seq: 1,
      udp: parseNode(geth.started.enode!).udpPort,
    });
    await vi.waitFor(() => expect(us.proven()).toEqual([geth.started.id]), 10_000); // its own pong may come later

    geth.send({ cmd: 'enr', enode: us.enode });
    expect((await geth.next('record')).record).toBe(us.recordText());
    us.renew();
    geth.send({ cmd: 'enr', enode: us.enode });
    expect(await geth.next('record')).toMatchObject({ record: us.recordText(), seq: 2 });
  });

  test('takes us as its bootnode, puts us into its table, and finds by us', async () => {
    const fake = nodeAt({
      ...generateNodeKey(),
      host: '127.0.0.1',
      udpPort: 40_000,
      tcpPort: 40_000,
    });
    const us = await startNode([fake]);
    await using geth = await startGeth(us.enode);
    geth.send({ cmd: 'lookup', enode: formatEnode({ ...fake, hostKind: 'ipv4' }) });
    expect((await geth.next('found')).nodes).toEqual(expect.arrayContaining([us.id, fake.id]));
    expect(us.discv4.stats().received.findNode).toBeGreaterThan(0);
    geth.send({ cmd: 'table' });
    expect((await geth.next('table')).nodes).toContain(us.id);
    expect(us.discv4.stats().refused).toEqual({});
  });
});

const startGeth = (...bootnodes: string[]) =>
  startPeer('geth', ['--mode', 'discv4', '--bootnodes', bootnodes.join(',')]);

async function startNode(closest: readonly Node[] = []) {
  const key = generateNodeKey();
  const proven: string[] = [];
  let seq = 1;
  const discv4 = await Discv4.bind(
    { host: '127.0.0.1', port: 0 },
    udpBinder({ clock: systemClock }),
    { onLost: () => {}, onRestored: () => {} },
    {
      ...{ key, primitives, clock: systemClock, unixTimeMs },
      record: () => recordOf(key, discv4.local, seq),
      isAllowed: () => true,
      closest: () => closest,
      hooks: {
        onProven: ({ node }) => proven.push(node.id),
        onFault: (error) => {
          throw error;
        },
      },
    },
  );
  onTestFinished(() => discv4.close());
  const { host, port } = discv4.local;
  const { publicKey, id } = key;
  return {
    discv4,
    id,
    enode: nodeAt({ publicKey, id, host, udpPort: port, tcpPort: port }).text,
    proven: () => proven,
    recordText: () => formatRecord(recordOf(key, discv4.local, seq).bytes),
    renew: () => {
      seq += 1;
    },
  };
}

const prove = (discv4: Discv4, target: Node) =>
  new Promise((resolve) => {
    const machine = endpointProofMachine.provide({ actors: { prober: endpointProber(discv4) } });
    const actor = createActor(machine, { input: { target } });
    actor.subscribe({ complete: () => resolve(actor.getSnapshot().output) });
    actor.start();
  });

const findNode = (discv4: Discv4, node: Node, { publicKey }: Node) =>
  new Promise<FindNodeResult>((done) => discv4.findNode(node, publicKeyHex(publicKey), done));
