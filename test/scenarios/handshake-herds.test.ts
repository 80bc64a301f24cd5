/** Many callers at once, callers that have hung up, and copies of an auth: what each costs a server. */
import { expect, test } from 'vitest';
import { makeAuth } from '../../src/io/crypto/rlpx-handshake.ts';
import { TURN_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { REPLACEABLE_AFTER_MS } from '../../src/machines/listening/handshake-slots.ts';
import { echo } from '../../src/protocols/echo.ts';
import { rememberingPrimitives, seededRandom } from '../support/crypto.ts';
import { connectOnly } from '../support/raw-peer-in-world.ts';
import { turns } from '../support/turn.ts';
import { enodeOf, keyOf, type Member, slotsInUse, storyOf, World } from '../support/world.ts';

const HUB_SEED = 1;

const remembering = rememberingPrimitives();

/** A server whose multiplications with its own key are counted, or never end. */
async function newHub(options: { readonly maxPendingPeers?: number } = {}, isStuck = false) {
  let isStarted = false;
  const world = new World();
  const key = keyOf(HUB_SEED);
  let multiplications = 0;
  const hub = world.add(HUB_SEED, {
    ...options,
    protocols: [echo()],
    nodeKey: {
      ...key,
      ecdh: (point) => {
        multiplications += 1;
        return isStuck && isStarted ? new Promise(() => {}) : key.ecdh(point);
      },
    },
  });
  await world.start(hub);
  isStarted = true;
  return { world, hub, multiplications: () => multiplications };
}

async function authOf(seed: number, { key }: Member): Promise<Uint8Array> {
  const local = { key: keyOf(seed), random: seededRandom(`auth ${seed}`), primitives: remembering };
  const { packet } = await makeAuth(local, key.publicKey, 'eip8');
  return packet;
}

/** The end state of each connection that ended, and the state before it. */
const endings = ({ log }: Member) =>
  log.flatMap((event) => (event.type === 'ended' ? [[event.state, event.trail.at(-2)]] : []));

test('a replayed auth costs no operation on the curve, and is answered with no byte', async () => {
  const { world, hub, multiplications } = await newHub();
  const auth = await authOf(9, hub);
  connectOnly(world, hub, 9).write(auth);
  await world.settle();
  const costOfOne = multiplications();
  expect(costOfOne).toBeGreaterThan(0);

  for (let i = 0; i < 50; i += 1)
    connectOnly(world, hub, 9, { host: `10.0.0.${i}`, port: 4_000 }).write(auth);
  await world.settle();
  expect(multiplications()).toBe(costOfOne);
  expect(endings(hub)).toEqual(
    Array.from({ length: 49 }, () => ['failed.replayedAuth', 'encHandshake.awaitingAuth']),
  );
  for (const { delivered } of world.network.connections.slice(1)) expect(delivered.bToA).toBe(0);
  expect(slotsInUse(hub.server)).toBe(1);
  await world.advance(5_000);
  await world.end();
});

test('callers that hang up before their turn cost no operation on the curve', async () => {
  const { world, hub, multiplications } = await newHub();
  const callers = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => ({
      auth: await authOf(10 + i, hub),
      peer: connectOnly(world, hub, 10 + i),
    })),
  );
  await world.settle();
  for (const { peer, auth } of callers) peer.write(auth);
  await turns(1); // all auths arrive
  for (const { peer } of callers) peer.close();
  await world.settle();

  expect(multiplications()).toBeLessThanOrEqual(2); // the first one has begun
  const ended = endings(hub);
  expect(ended).toHaveLength(20);
  expect(ended.filter(([, during]) => during === 'encHandshake.awaitingTurn').length).toBe(20);
  expect(new Set(ended.map(([state]) => state))).toEqual(new Set(['failed.connectionClosed']));
  await world.end();
});

test('a caller whose auth waits for its turn is not silent: it keeps its slot', async () => {
  const { world, hub } = await newHub({ maxPendingPeers: 1 }, true);
  connectOnly(world, hub, 9).write(await authOf(9, hub));
  await world.settle();
  await world.advance(REPLACEABLE_AFTER_MS + 1, REPLACEABLE_AFTER_MS + 1);
  connectOnly(world, hub, 8, { host: '10.0.0.8', port: 4_000 });
  await world.settle();
  expect(storyOf(hub)).toEqual([]);
  expect(world.network.connections.map(({ b }) => b.duplex.destroyed)).toEqual([false, true]);
  await world.advance(TURN_TIMEOUT_MS);
  await world.end();
});

test('an auth that has no turn within 4 s ends as serverBusy, and explains itself', async () => {
  const { world, hub } = await newHub({}, true);
  connectOnly(world, hub, 9).write(await authOf(9, hub));
  await world.settle();
  await world.advance(TURN_TIMEOUT_MS - 1, TURN_TIMEOUT_MS - 1);
  expect(storyOf(hub)).toEqual([]);
  await world.advance(1);
  expect(endings(hub)).toEqual([['failed.serverBusy', 'encHandshake.awaitingTurn']]);
  expect(hub.log[0]).toMatchObject({
    explanation: {
      confidence: 'certain',
      verdict: expect.stringMatching(/waiting for their turn/),
    },
  });
  await world.end();
});

/** Twenty strangers whose auths arrive at once, and a function that says how many of them have an ack. */
async function crowd(world: World, hub: Member) {
  const strangers = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => ({
      auth: await authOf(10 + i, hub),
      peer: connectOnly(world, hub, 10 + i),
    })),
  );
  const { connections } = world.network;
  await world.settle();
  for (const { peer, auth } of strangers) peer.write(auth);
  return () => connections.slice(0, 20).filter(({ delivered }) => delivered.bToA > 0).length;
}

/** Turns until it is true, at most as many as all handshakes need. */
async function turnsUntil(isTrue: () => boolean): Promise<void> {
  for (let left = 500; left > 0 && !isTrue(); left -= 1) await turns(1);
  expect(isTrue()).toBe(true);
}

test('a caller from the address of a trusted node does not wait behind strangers', async () => {
  const { world, hub } = await newHub();
  hub.server.addTrustedPeer(enodeOf(7));
  const answered = await crowd(world, hub);
  await turns(2); // the first stranger has begun
  const auth = await authOf(7, hub);
  connectOnly(world, hub, 7, { host: '192.0.2.1', port: 4_000 }).write(auth);
  const trusted = world.network.connections.at(-1)!;
  await turnsUntil(() => trusted.delivered.bToA > 0);
  expect(answered()).toBeLessThanOrEqual(1);
  await turnsUntil(() => answered() === 20);
  await world.advance(5_000);
  await world.end();
});

test('a dial of ours does not wait behind strangers', async () => {
  const { world, hub } = await newHub();
  const friend = world.add(7, { protocols: [echo()] });
  await world.start(friend);
  const answered = await crowd(world, hub);
  await turns(2);
  hub.server.addPeer(friend.enode);
  await turnsUntil(() => hub.server.peerCount === 1);
  expect(answered()).toBeLessThan(6); // those that had turns while our auth was under way
  await turnsUntil(() => answered() === 20);
  await world.advance(5_000);
  await world.end();
});
