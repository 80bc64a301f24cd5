/** The diagnosis of real servers in one process: each case is brought about, none is told. */
import { expect, test } from 'vitest';
import type { ServerOptions } from '../../../src/api/options.ts';
import type { Diagnosis } from '../../../src/explain/diagnosis.ts';
import { ServerViews } from '../../../src/inspect/recorder/views.ts';
import { formatEnode, parseEnode } from '../../../src/io/crypto/enode.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { enodeOf, keyOf, type Member, meet, World } from '../../support/world.ts';

/** Reads views as an inspector that is attached before the start. */
function watch({ server }: Member, { clock }: World): () => Diagnosis {
  const views = new ServerViews({
    ...{ server, clock },
    statsOf: () => ({ ms: 0, bytesIn: 0, bytesOut: 0 }),
    slotHolders: () => new Map(),
    discoveryOf: () => ({ bootnodes: 0, stats: null }),
    loopDelay: () => 0,
    onPhase: () => {},
  });
  return () => views.diagnosis();
}

/** The enode of one node with the address of another: a wrong key. */
const withKeyOf = (seed: number, member: Member): string => {
  const { publicKey, id } = keyOf(seed);
  return formatEnode({ ...parseEnode(member.enode), publicKey, id });
};

async function alone(options: Partial<ServerOptions>, ms = 12_000): Promise<Diagnosis> {
  const world = new World();
  const a = world.add(1, { protocols: [echo()], ...options });
  const diagnosis = watch(a, world);
  await world.start(a);
  await world.advance(ms);
  const said = diagnosis();
  await world.end();
  return said;
}

test('a node that knows no other and is not called', async () => {
  expect(await alone({}, 61_000)).toMatchObject({
    is: 'nothingConfigured',
    sentence:
      '0 peers: nothing configured: no static nodes, bootnodes or candidates; no inbound call yet: the port may be closed from outside.',
  });
});

test('a static node at which nothing listens', async () => {
  expect(await alone({ staticNodes: [enodeOf(9)] })).toMatchObject({
    is: 'staticNodes',
    tone: 'bad',
    sentence: '0 peers: 1 static node, refused 12 s ago, next try in 23 s.',
  });
});

test('netRestrict leaves out the static nodes and the bootnodes', async () => {
  const options = {
    netRestrict: ['10.0.0.0/8'],
    staticNodes: [enodeOf(9)],
    bootnodes: [enodeOf(8)],
  };
  expect(await alone(options)).toMatchObject({
    is: 'netRestrict',
    sentence: '0 peers: netRestrict excludes every configured node (2 nodes).',
  });
});

test('a static node with another key than its enode says', async () => {
  const world = new World();
  const b = world.add(2, { protocols: [echo()] });
  const a = world.add(1, { protocols: [echo()], staticNodes: [withKeyOf(7, b)] });
  const diagnosis = watch(a, world);
  await world.start(b, a);
  await world.advance(3_000);
  expect(diagnosis()).toMatchObject({
    is: 'staticNodes',
    sentence:
      '0 peers: 1 static node, hung up on our auth 3 s ago: the key in its enode is probably wrong, next try in 32 s.',
  });
  await world.end();
});

test('a static node that shares no capability, on every try', async () => {
  const world = new World();
  const b = world.add(2, {
    protocols: [{ name: 'other', version: 1, length: 1, run: async () => {} }],
  });
  const a = world.add(1, { protocols: [echo()], staticNodes: [b.enode] });
  const diagnosis = watch(a, world);
  await world.start(b, a);
  await world.advance(75_000);
  expect(diagnosis()).toMatchObject({
    is: 'uselessPeers',
    sentence:
      '0 peers: all of the last 3 connections ended as useless peers: no shared capability.',
  });
  await world.end();
});

test('a full node that turned one away, and the one it turned away', async () => {
  const world = new World();
  const a = world.add(1, { protocols: [echo()], maxPeers: 1, noDial: true });
  const b = world.add(2, { protocols: [echo()], staticNodes: [a.enode] });
  const c = world.add(3, { protocols: [echo()], staticNodes: [a.enode] });
  const [ofA, ofC] = [watch(a, world), watch(c, world)];
  await world.start(a, b);
  await world.advance(1_000);
  await world.start(c);
  await world.advance(2_000);
  expect(ofA()).toMatchObject({
    is: 'full',
    sentence: 'Full: 1 of 1 peers, 1 turned away in the last minute.',
  });
  expect(ofC()).toMatchObject({
    sentence: '0 peers: 1 static node, refused us 2 s ago: too many peers, next try in 33 s.',
  });
  await world.end();
});

test('a node with a peer', async () => {
  const { world, a } = await meet();
  expect(watch(a, world)()).toMatchObject({ is: 'healthy', sentence: '1 peer of 50.' });
  await world.end();
});

test('a start that failed, and the same server started again', async () => {
  const world = new World();
  const a = world.add(1, { protocols: [echo()], staticNodes: [enodeOf(9)] });
  const other = world.add(2, { listen: { host: '192.0.2.1', port: 30_001 } });
  const diagnosis = watch(a, world);
  expect(diagnosis()).toMatchObject({ is: 'notRunning', sentence: 'Not started yet.' });
  await world.start(other);
  await expect(a.server.start()).rejects.toMatchObject({ code: 'startFailed' });
  expect(diagnosis()).toMatchObject({ is: 'portInUse', tone: 'bad' });
  await world.stop(other);
  await world.start(a);
  await world.advance(1_000);
  expect(diagnosis()).toMatchObject({ is: 'staticNodes' });
  await world.end();
});

test('a node that may not dial and is not called', async () => {
  expect(await alone({ noDial: true, staticNodes: [enodeOf(9)] }, 61_000)).toMatchObject({
    is: 'nothingConfigured',
    sentence: expect.stringMatching(/^0 peers: dialling is off/),
  });
});
