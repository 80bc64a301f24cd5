/** Wire scenarios without a test in go-ethereum, with the bytes of our answer. */
import { describe, expect, test } from 'vitest';
import type { Port } from '../../src/api/protocol.ts';
import { PING_BURST } from '../../src/io/link/message-router.ts';
import { DISCONNECT, HELLO, PING, PONG } from '../../src/io/wire/base-message.ts';
import {
  DISCONNECT_CODES,
  type DisconnectReason,
  encodeDisconnect,
} from '../../src/io/wire/disconnect.ts';
import { encodeHello } from '../../src/io/wire/hello.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import {
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
} from '../../src/machines/connection/connection-setup.ts';
import { PROTOCOL_GRACE_MS } from '../../src/machines/peer/peer.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { hex } from '../support/crypto.ts';
import {
  call,
  codesOf,
  connectOnly,
  disconnectOf,
  helloOf,
  join,
} from '../support/raw-peer-in-world.ts';
import { storyOf, World } from '../support/world.ts';
import vectors from '../vectors/rlpx-frame.json' with { type: 'json' };

const plain = (reason: DisconnectReason) => encodeDisconnect(reason);
const packed = (reason: DisconnectReason) => compress(encodeDisconnect(reason));

/** Where echo/1 begins on a connection that speaks nothing else. */
const SAY = 0x10;

describe('quirk 2: one budget for the handshake, 5 s for keys and 5 s for Hello', () => {
  test('Hello slow-loris: with a byte per second, the connection closes at the deadline, not 5 s later', async () => {
    const { world, hub } = await hubOf();
    const guest = await call(world, hub, 2);
    const frame = guest.seal(HELLO, encodeHello(helloOf(2)));
    for (let second = 0; second < HELLO_TIMEOUT_MS / 1_000; second += 1) {
      expect(storyOf(hub)).toEqual([]);
      guest.write(frame.subarray(second, second + 1));
      await world.advance(1_000);
    }
    expect(storyOf(hub)).toEqual(['ended rejected.helloTimeout']);
    expect(disconnectOf(guest)).toEqual(plain('readTimeout'));
    await world.end();
  });

  test('an auth sent byte by byte is closed after 5 s as well, without an answer', async () => {
    const { world, hub } = await hubOf();
    const guest = connectOnly(world, hub, 2);
    for (let second = 0; second < ENC_HANDSHAKE_TIMEOUT_MS / 1_000; second += 1) {
      expect(storyOf(hub)).toEqual([]);
      guest.write(Uint8Array.of(1));
      await world.advance(1_000);
    }
    expect(storyOf(hub)).toEqual(['ended failed.encHandshakeTimeout']);
    expect(guest.received).toEqual({ bytes: 0, isEnded: true });
    await world.end();
  });

  test('a caller that is as late as possible with both holds a slot for 10 s, not for 35 s', async () => {
    const { world, hub } = await hubOf();
    const guest = connectOnly(world, hub, 2);
    await world.advance(ENC_HANDSHAKE_TIMEOUT_MS - 1);
    await guest.dial(hub.key.publicKey);
    await world.advance(HELLO_TIMEOUT_MS - 1);
    expect(storyOf(hub)).toEqual([]);
    await world.advance(1);
    expect(storyOf(hub)).toEqual(['ended rejected.helloTimeout']);
    await world.end();
  });
});

describe('quirk 3: a wrong Hello is answered with its reason', () => {
  // what go-ethereum tests as ProtocolHandshakeErrors, without the two in which they hang up
  const faults = vectors.handshakeErrors.filter(({ code }) => code !== DISCONNECT);
  test('has four cases', () => expect(faults).toHaveLength(4));

  test.for(faults)('ProtocolHandshakeErrors: $expect', async ({ code, data, expect: why }) => {
    const { world, hub } = await hubOf();
    const guest = await call(world, hub, 2);
    guest.send(code, hex(data));
    await world.settle();
    const reason = why.includes('identity') ? 'invalidIdentity' : 'breachOfProtocol';
    expect(guest.unreadFrames).toMatchObject([
      { code: HELLO },
      { code: DISCONNECT, payload: plain(reason) },
    ]);
    await world.end();
  });
});

describe('echo of the remote reason: never', () => {
  for (const [reason, number] of Object.entries(DISCONNECT_CODES))
    test(`0x${number.toString(16)} ${reason}`, async () => {
      const { world, hub } = await hubOf();
      const stranger = await call(world, hub, 2); // quirk 3: not in place of Hello either
      stranger.send(DISCONNECT, encodeDisconnect(reason as DisconnectReason));
      const peer = await join(world, hub, 3);
      peer.sendCompressed(DISCONNECT, encodeDisconnect(reason as DisconnectReason));
      await world.settle();
      expect(storyOf(hub)).toEqual([
        `ended refused.${reason}`,
        'add',
        `drop ending.refused.${reason}`,
      ]);
      for (const guest of [stranger, peer]) {
        expect(codesOf(guest)).toEqual([HELLO]);
        expect(guest.received.isEnded).toBe(true);
      }
      await world.end();
    });
});

describe('quirk 4: a fault of a peer is answered with a reason while the session is intact', () => {
  const said: [string, (peer: RawPeer) => void, told: DisconnectReason | null, state: string][] = [
    [
      'code out of range',
      (peer) => peer.sendCompressed(SAY + 2, hex('c0')),
      'breachOfProtocol',
      'rejected.unroutableMessage',
    ],
    [
      'an oversized message',
      (peer) => peer.sendCompressed(SAY, new Uint8Array(101)),
      'breachOfProtocol',
      'rejected.oversizedMessage',
    ],
    [
      'an oversized frame',
      (peer) => peer.write(peer.seal(SAY, new Uint8Array(1_000_000)).subarray(0, 32)),
      'breachOfProtocol',
      'rejected.oversizedMessage',
    ],
    [
      'what does not decompress',
      (peer) => peer.send(SAY, hex('0aff')),
      'breachOfProtocol',
      'rejected.malformedMessage',
    ],
    [
      'a header with a wrong MAC, after which nothing can be told',
      (peer) => peer.write(new Uint8Array(32)),
      null,
      'failed.badHeaderMac',
    ],
  ];
  test.for(said)('%s', async ([, say, told, state]) => {
    const { world, hub } = await hubOf(100);
    const peer = await join(world, hub, 2);
    say(peer);
    await world.settle();
    expect(storyOf(hub)).toEqual(['add', `drop ending.${state}`]);
    expect(disconnectOf(peer)).toEqual(told && packed(told));
    expect(codesOf(peer)).toEqual(told ? [HELLO, DISCONNECT] : [HELLO]);
    expect(peer.received.isEnded).toBe(true);
    await world.end();
  });
});

describe('head-of-line', () => {
  test('a handler that does not take its messages delays neither pings nor another protocol', async () => {
    const { world, hub } = await hubWithSlow();
    const peer = await join(world, hub, 2, { capabilities: BOTH });
    for (let i = 0; i < 100; i += 1) peer.sendCompressed(SLOW, hex('80'));
    peer.sendCompressed(PING, hex('c0'));
    peer.sendCompressed(SAY, hex('83616263'));
    await world.settle();
    const [, ...answers] = peer.unreadFrames;
    expect(answers.toSorted((one, other) => one.code - other.code)).toMatchObject([
      { code: PONG, payload: compress(hex('c0')) },
      { code: SAY + 1, payload: compress(hex('83616263')) },
    ]);
    await world.end();
  });

  test('a handler that takes nothing for 20 s ends its own peer only', async () => {
    const { world, hub, ports } = await hubWithSlow();
    const [peer, other] = [
      await join(world, hub, 2, { capabilities: BOTH }),
      await join(world, hub, 3, { capabilities: BOTH }),
    ];
    for (let i = 0; i < 1_500; i += 1) peer.sendCompressed(SLOW, hex('80'));
    await world.settle(120); // 16 messages in a turn
    for (let second = 0; second < 20; second += 1) {
      expect(hub.server.peerCount).toBe(2);
      other.sendCompressed(PING, hex('c0'));
      await world.advance(1_000);
    }
    expect(disconnectOf(peer)).toEqual(packed('subprotocolError'));
    expect(ports.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(codesOf(other).filter((code) => code === PONG)).toHaveLength(20);
    await world.advance(FAREWELL_MS + PROTOCOL_GRACE_MS);
    expect(storyOf(hub)).toEqual(['add', 'add', 'drop ending.rejected.handlerStalled']);
    await world.end();
  });

  /** Offered by a remote that speaks both, in the order of the connection. */
  const BOTH = [
    { name: 'echo', version: 1 },
    { name: 'slow', version: 1 },
  ];
  /** Behind the two messages of echo/1. */
  const SLOW = SAY + 2;

  async function hubWithSlow() {
    const world = new World();
    const ports: Port[] = [];
    const slow = {
      ...{ name: 'slow', version: 1, length: 1 },
      run: (_: unknown, port: Port) => {
        ports.push(port);
        return new Promise<void>((resolve) =>
          port.signal.addEventListener('abort', () => resolve()),
        );
      },
    };
    const hub = world.add(1, { protocols: [echo(), slow] });
    await world.start(hub);
    return { world, hub, ports };
  }
});

test('17 outstanding pings get one pong, and more than 60 are a flood', async () => {
  const { world, hub } = await hubOf();
  const peer = await join(world, hub, 2);
  const sendPings = async (count: number): Promise<void> => {
    peer.stream.duplex.cork();
    for (let i = 0; i < count; i += 1) peer.sendCompressed(PING, hex('c0'));
    peer.stream.duplex.uncork();
    await world.settle();
  };
  await sendPings(17);
  expect(storyOf(hub)).toEqual(['add']);
  await sendPings(PING_BURST - 16);
  expect(storyOf(hub)).toEqual(['add', 'drop ending.rejected.pingFlood']);
  expect(disconnectOf(peer)).toEqual(packed('breachOfProtocol'));
  await world.end();
});

async function hubOf(maxMessageBytes?: number) {
  const world = new World();
  const bounded = maxMessageBytes ? { maxMessageBytes } : {};
  const hub = world.add(1, { protocols: [{ ...echo(), ...bounded }] });
  await world.start(hub);
  return { world, hub };
}
