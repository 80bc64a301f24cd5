/** Scenario 4: a remote that sends valid bytes, one at a time. In each phase and role it has an absolute limit. */
import { expect, test } from 'vitest';

import { READ_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import { HELLO } from '../../src/io/wire/base-message.ts';
import { encodeHello } from '../../src/io/wire/hello.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import {
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
} from '../../src/machines/connection/connection-setup.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { ECHO_OFFSET } from '../support/hub.ts';
import { newRawPeer } from '../support/raw-peer.ts';
import { call, connectOnly, helloOf, join } from '../support/raw-peer-in-world.ts';
import { enodeOf, keyOf, type Member, storyOf, World } from '../support/world.ts';

const GUEST = 2;
/** Longer than what can drip in before any limit. */
const MANY_BYTES = 1_000;

/** The announced length of a handshake packet. */
const packet = (): Uint8Array => {
  const bytes = new Uint8Array(2 + MANY_BYTES).fill(4);
  new DataView(bytes.buffer).setUint16(0, MANY_BYTES);
  return bytes;
};

const sealedHello = (peer: RawPeer) =>
  peer.seal(HELLO, encodeHello(helloOf(GUEST, { client: 'x'.repeat(MANY_BYTES) })));

const sealedWord = (peer: RawPeer) =>
  peer.seal(ECHO_OFFSET, compress(crypto.getRandomValues(new Uint8Array(MANY_BYTES))));

/** Brings a connection to where the dripping begins. @returns who drips, and what. */
type Approach = (
  world: World,
  member: Member,
) => Promise<{ peer: Pick<RawPeer, 'write'>; bytes: Uint8Array }>;

/** We dial a remote that does `then` with the connection. */
async function dialled(world: World, member: Member, then: (peer: RawPeer) => Promise<void>) {
  let guest: RawPeer | undefined;
  world.network.attach({ host: '192.0.2.1', port: 30_000 + GUEST }, (stream) => {
    guest ??= newRawPeer(stream, keyOf(GUEST));
    void then(guest);
  });
  member.server.addPeer(enodeOf(GUEST));
  await world.settle();
  return guest!;
}

const approaches: Record<string, { to: Approach; limitMs: number; ending: string }> = {
  'an auth': {
    to: async (world, member) => ({ peer: connectOnly(world, member, GUEST), bytes: packet() }),
    limitMs: ENC_HANDSHAKE_TIMEOUT_MS,
    ending: 'ended failed.encHandshakeTimeout',
  },
  'an ack': {
    to: async (world, member) => ({
      peer: await dialled(world, member, async () => {}),
      bytes: packet(),
    }),
    limitMs: ENC_HANDSHAKE_TIMEOUT_MS,
    ending: 'ended failed.encHandshakeTimeout',
  },
  'the Hello of who calls': {
    to: async (world, member) => {
      const peer = await call(world, member, GUEST);
      return { peer, bytes: sealedHello(peer) };
    },
    limitMs: HELLO_TIMEOUT_MS,
    ending: 'ended rejected.helloTimeout',
  },
  'the Hello of who is dialled': {
    to: async (world, member) => {
      const peer = await dialled(world, member, (guest) => guest.answer());
      return { peer, bytes: sealedHello(peer) };
    },
    limitMs: HELLO_TIMEOUT_MS,
    ending: 'ended rejected.helloTimeout',
  },
  'a message of who called': {
    to: async (world, member) => {
      const peer = await join(world, member, GUEST);
      return { peer, bytes: sealedWord(peer) };
    },
    limitMs: READ_TIMEOUT_MS,
    ending: 'drop ending.rejected.silence',
  },
  'a message of who was dialled': {
    to: async (world, member) => {
      const peer = await dialled(world, member, async (guest) => {
        await guest.answer();
        guest.sendHello(helloOf(GUEST));
      });
      return { peer, bytes: sealedWord(peer) };
    },
    limitMs: READ_TIMEOUT_MS,
    ending: 'drop ending.rejected.silence',
  },
};

const cases = Object.entries(approaches).flatMap(([what, approach]) =>
  [1_000, 4_900].map((everyMs) => ({ what, everyMs, ...approach })),
);

test.for(cases)('$what, a byte each $everyMs ms', async ({ to, everyMs, limitMs, ending }) => {
  const world = new World();
  const member = world.add(1, { protocols: [echo()] });
  await world.start(member);
  const begun = world.clock.now();
  const { peer, bytes } = await to(world, member);
  expect(world.clock.now()).toBe(begun);
  const before = storyOf(member).length;
  const endings: number[] = [];
  for (const type of ['ended', 'drop'] as const)
    member.server.on(type, () => endings.push(world.clock.now() - begun));

  for (let at = 0; endings.length === 0 && at < 100; at += 1) {
    peer.write(bytes.subarray(at, at + 1));
    await world.advance(everyMs, 100);
  }

  const story = storyOf(member).slice(before);
  expect(story.filter((word) => !word.startsWith('dialFailed'))).toEqual([ending]);
  expect(endings).toHaveLength(1);
  const [after] = endings;
  expect(after).toBeGreaterThanOrEqual(limitMs);
  expect(after).toBeLessThanOrEqual(limitMs + FAREWELL_MS);
  await world.end();
});
